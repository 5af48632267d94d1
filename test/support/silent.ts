import { silentTelemetry } from '../../src/adapters/telemetry/silent.ts';
import type { Logger } from '../../src/ports/logger.ts';

const nothing = () => {};

/** Neither metrics nor logs. */
export const silent = {
  telemetry: silentTelemetry(),
  logger: { info: nothing, warn: nothing, error: nothing } satisfies Logger,
};
