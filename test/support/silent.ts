import { silentTelemetry } from '../../src/adapters/telemetry/silent.ts';
import type { Logger } from '../../src/ports/logger.ts';

const nothing = () => {};

/** Neither metrics nor logs. */
export const silent = {
  telemetry: silentTelemetry(),
  logger: { info: nothing, warn: nothing, error: nothing } satisfies Logger,
};

/** A logger that writes what it is told to `said`: level, message and fields, a line each. */
export function tellingLogger(said: string[]): Logger {
  const say = (level: string) => (fields: object, message: string) =>
    void said.push(`${level}: ${message} ${JSON.stringify(fields)}`);
  return { info: say('info'), warn: say('warn'), error: say('error') };
}
