import type { ClassPosterior, Decision } from '../domain/types.ts';

/** A class as data. */
export interface ClassView {
  id: number;
  name: string;
}

/** What was decided of an image, as data: the same fields wherever a command prints a label. */
export interface DecisionView {
  label: ClassView;
  posterior: number;
  top: (ClassView & { posterior: number })[];
  margin: number;
  logLikelihood: number;
  logEvidence: number;
  disagreement: number;
  orders: number;
  rows: number;
  rounds: number;
}

type Decided = Omit<Decision, 'top' | 'prefix' | 'pruned' | 'posteriors'> & { top: readonly ClassPosterior[] };

/** A decision as data. `names` are the names of the classes by their ids. */
export function decisionView(decided: Decided, names: (classId: number) => string): DecisionView {
  const { posterior, margin, logLikelihood, logEvidence, disagreement, orders, rows, rounds } = decided;
  return {
    label: { id: decided.classId, name: names(decided.classId) },
    posterior,
    top: decided.top.map((one) => ({ id: one.classId, name: names(one.classId), posterior: one.posterior })),
    margin,
    logLikelihood,
    logEvidence,
    disagreement,
    orders,
    rows,
    rounds,
  };
}

/** A label and how sure it is, for people. */
export function decisionText({ label, posterior, orders, rows }: DecisionView): string {
  const percent = posterior > 0.9999 ? '> 99.99' : (posterior * 100).toFixed(2);
  return `${label.name} (${percent} %, ${counted(orders, 'order')}, ${counted(rows, 'row')})`;
}

/** `1 image`, `2,000 images`. */
export function counted(count: number, thing: string): string {
  return `${count.toLocaleString('en-US')} ${thing}${count === 1 ? '' : 's'}`;
}

/** A table with aligned columns; numbers stand to the right. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => String(line[column] ?? '').length)));
  const numeric = head.map((_, column) => rows.some((row) => typeof row[column] === 'number'));
  const pad = (cell: string | number, column: number) =>
    numeric[column] ? String(cell).padStart(widths[column] ?? 0) : String(cell).padEnd(widths[column] ?? 0);
  return lines.map((line) => line.map(pad).join('  ').trimEnd()).join('\n');
}
