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

  const controls = String.fromCharCode(...Array(0xa0).keys());

  it('lets no text of others move the cursor of a terminal, or begin a line there', () => {
    const { lines, logger } = collect(true);
    logger.info({}, `got ${controls}[2J`);
    logger.warn({ reason: controls, [`a${controls}`]: [{ b: controls }] }, 'x');
    const error = Object.assign(new Error(controls), { code: controls });
    logger.error({ err: error }, 'y');
    const [said = '', fields = '', whole = ''] = lines.map(withoutColours);
    for (const line of [said, fields]) assert.doesNotMatch(line.replace(/\n$/, ''), /\p{Cc}/u);
    assert.match(said, /INFO: got \\x00.*\\x0a.*\\x1b.*\\x9f\[2J/);
    assert.match(fields, /\\u001b.*\\u009b/);
    assert.doesNotMatch(whole, /(?![\t\n])\p{Cc}/u);
    assert.match(whole, /\n +at .*\n/);
  });

  it('lets no control character stand in JSON, which may be shown on a terminal as it is', () => {
    const { lines, logger } = collect(false);
    logger.warn({ reason: controls }, controls);
    const [line = ''] = lines;
    assert.doesNotMatch(line.replace(/\n$/, ''), /\p{Cc}/u);
    const { reason, msg } = JSON.parse(line);
    assert.deepEqual([reason, msg], [controls, controls]);
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

const ESCAPE = '\u001b';

/** Less what the logger itself has the terminal do. */
function withoutColours(line: string): string {
  return line.replaceAll(new RegExp(`${ESCAPE}\\[\\d+m`, 'g'), '');
}
