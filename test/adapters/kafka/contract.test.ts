import { randomUUID } from 'node:crypto';
import { openKafkaLog } from '../../../src/adapters/kafka/open.ts';
import type { Log } from '../../../src/ports/log.ts';
import { logContract } from '../../contracts/log.ts';
import type { LogSubject, LogSubjectOptions } from '../../contracts/log-harness.ts';
import type { Broker } from '../../support/kafka/broker.ts';
import { describeWithKafka } from '../../support/kafka/describe.ts';

/** How long it takes a consumer to be told what is new: a fetch that waits at the broker is answered at once. */
const NOTICE_MS = 60;
const SEGMENT_BYTES = 16 * 1024 * 1024;

describeWithKafka('with a broker', (broker) => {
  logContract('the Kafka log', (options) => openSubject(broker(), options), { noticeMs: NOTICE_MS });
});

async function openSubject({ brokers }: Broker, options: LogSubjectOptions): Promise<LogSubject> {
  const { sessionTimeoutMs, maxRecordBytes, retentionGranuleBytes = SEGMENT_BYTES } = options;
  const opened: Log[] = [];
  const prefix = `${randomUUID()}.`;
  const topicSettings = { 'internal.segment.bytes': String(retentionGranuleBytes) };
  const reopen = async () => {
    const common = { brokers, clientId: 'contract', prefix, sessionTimeoutMs, maxRecordBytes, topicSettings };
    const log = openKafkaLog(common);
    opened.push(log);
    return log;
  };
  const dispose = async () => {
    await Promise.all(opened.map((log) => log.close()));
  };
  return { log: await reopen(), reopen, dispose };
}
