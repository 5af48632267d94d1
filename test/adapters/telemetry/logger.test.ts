import assert from 'node:assert/strict';
import { openLogger } from '../../../src/adapters/telemetry/logger.ts';

describe('openLogger', () => {
  function collect(isTTY: boolean, level?: string) {
    const lines: string[] = [];
    const env = level === undefined ? {} : { ORDO_LOG_LEVEL: level };
    return { lines, logger: openLogger({ stream: { isTTY, write: (line) => lines.push(line) }, env }) };
  }

  it('writes one JSON object a line where nobody reads along', () => {
    const { lines, logger } = collect(false);
    logger.warn({ stage: 'score', code: 'LOG_FULL' }, 'the disk is full');
    assert.equal(lines.length, 1);
    const { time, ...rest } = JSON.parse(lines[0] ?? '');
    assert.deepEqual(rest, { level: 40, stage: 'score', code: 'LOG_FULL', msg: 'the disk is full' });
    assert.ok(Date.parse(time) > 0);
  });

  it('writes readable lines on a terminal', () => {
    const { lines, logger } = collect(true);
    logger.info({ stage: 'score' }, 'started');
    assert.match(lines.join(''), /INFO.*started/);
    assert.throws(() => JSON.parse(lines.join('')));
  });

  it('leaves out what is below the level asked for', () => {
    const { lines, logger } = collect(false, 'ERROR');
    logger.info({}, 'a');
    logger.warn({}, 'b');
    logger.error({}, 'c');
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).msg),
      ['c'],
    );
  });

  it('takes info for a level that there is not', () => {
    const { lines, logger } = collect(false, 'loud');
    logger.info({}, 'a');
    assert.equal(lines.length, 1);
  });

  it('shows what caused an error', () => {
    const { lines, logger } = collect(false);
    logger.error({ err: new Error('why') }, 'failed');
    assert.equal(JSON.parse(lines[0] ?? '').err.message, 'why');
  });
});
