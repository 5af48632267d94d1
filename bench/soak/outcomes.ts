import type { Log } from '../../src/ports/log.ts';
import { decodeLabel } from '../../src/stages/codec.ts';
import { readTopic } from '../../src/app/verify/outcomes.ts';

/**
 * Outcomes of the images with ids 0 to `images` - 1: lost are those without one, doubled those with more than one,
 * changed those whose outcomes are not byte for byte the same.
 */
export async function countOutcomes(log: Log, labels: string, images: number) {
  const found = Map.groupBy(await readTopic(log, labels), (record) => decodeLabel(record).image?.id ?? '');
  const lost = Array.from({ length: images }, (_, id) => String(id)).filter((id) => !found.has(id));
  const several = [...found.values()].filter((records) => records.length > 1);
  const changed = several.filter(([first, ...others]) =>
    others.some(({ value }) => Buffer.compare(value, first?.value ?? Buffer.of()) !== 0),
  );
  return { lost: lost.length, doubled: several.length, changed: changed.length };
}
