import type { ConsumeOptions } from '../ports/log.ts';
import type { Logger } from '../ports/logger.ts';
import type { Telemetry } from '../ports/telemetry.ts';

/** What to do when a stage is told that records of a partition are gone, or are read once more: count it and say it. */
export function reportGaps(
  stage: string,
  { telemetry, logger }: { telemetry: Telemetry; logger: Logger },
): Required<Pick<ConsumeOptions, 'onLost' | 'onRestarted'>> {
  return {
    onLost: ({ topic, partition }, count) => {
      telemetry.count('ordo_records_lost_total', { stage, topic }, count);
      logger.error({ stage, topic, partition, count }, 'retention deleted records before they were read');
    },
    onRestarted: ({ topic, partition }, { from, records }) => {
      const of = { stage, topic, partition, records };
      if (from === undefined) logger.info(of, 'no offset is known of a partition: it is read from its start');
      else logger.warn({ ...of, from }, 'a partition ends before the offset of its group: it is read from its start');
    },
  };
}
