import { randomOf } from '../demo/random.ts';
import { STAGES, type StageName } from '../spec.ts';

export const FAULT_KINDS = ['kill', 'pause', 'churn', 'duplicate', 'broker'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** The topics whose records are duplicated: those that stages read. */
export const DUPLICATED = ['images', 'tasks', 'tasksNext', 'evidence'] as const;

export type Processes = Readonly<Record<StageName, number>>;

/** What is done to a run, once. `pick`, from 0 to 1, chooses among what there is at that moment. */
export type Harm =
  /** A process is killed with SIGKILL and started again. */
  | { kind: 'kill'; stage: StageName; pick: number }
  /** A process is halted for longer than its session lasts, and then goes on. */
  | { kind: 'pause'; stage: StageName; pick: number; sessions: number }
  /** A process is added, or one is told to end with SIGTERM. */
  | { kind: 'add'; stage: StageName }
  | { kind: 'remove'; stage: StageName; pick: number }
  /** Records are published again. */
  | { kind: 'duplicate'; topic: (typeof DUPLICATED)[number]; pick: number; records: number }
  /** The broker is killed with SIGKILL and started again after a while. */
  | { kind: 'broker'; downMs: number };

export interface Fault {
  harm: Harm;
  /** When: at this share, from 0 to 1, of the outcomes of the images sent since the fault before, */
  share: number;
  /** and so much later. */
  moreMs: number;
}

export interface PlanOptions {
  faults: number;
  kinds: readonly FaultKind[];
  seed: number;
  /** How many processes each stage starts with. */
  processes: Processes;
}

/** Processes of a stage beyond those it starts with, at most. */
const MOST_ADDED = 2;

/**
 * The faults of a run, in their order: a function of its arguments. Kinds come in rounds, each kind once a round in
 * random order, so that none is left out. A stage always keeps a process.
 */
export function planFaults({ faults, kinds, seed, processes }: PlanOptions): Fault[] {
  const random = randomOf('faults', seed);
  const counts = { ...processes };
  const stage = () => random.pick(STAGES);

  function churn(): Harm {
    const one = stage();
    const removes = counts[one] > 1 && (counts[one] >= processes[one] + MOST_ADDED || random.next() < 0.5);
    counts[one] += removes ? -1 : 1;
    return removes ? { kind: 'remove', stage: one, pick: random.next() } : { kind: 'add', stage: one };
  }

  const harms: Record<FaultKind, () => Harm> = {
    kill: () => ({ kind: 'kill', stage: stage(), pick: random.next() }),
    pause: () => ({ kind: 'pause', stage: stage(), pick: random.next(), sessions: random.between(1.2, 2) }),
    churn,
    duplicate: () => ({
      kind: 'duplicate',
      topic: random.pick(DUPLICATED),
      pick: random.next(),
      records: 1 + random.below(10),
    }),
    broker: () => ({ kind: 'broker', downMs: random.between(0, 2000) }),
  };
  let round: FaultKind[] = [];
  return Array.from({ length: faults }, () => {
    if (round.length === 0) round = [...kinds];
    const [kind = 'kill'] = round.splice(random.below(round.length), 1);
    return { harm: harms[kind](), share: 0.9 * random.next(), moreMs: random.between(0, 300) };
  });
}
