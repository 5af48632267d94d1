import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { openOutput, reportError } from '../../src/cli/output.ts';
import { OrdoError } from '../../src/errors.ts';

const controls = String.fromCharCode(...Array(0xa0).keys());

describe('the output of a command', () => {
  /** The one line that the work writes, without its end. */
  function lineOf(work: (stream: PassThrough) => void): string {
    const stream = new PassThrough({ encoding: 'utf8' });
    work(stream);
    const [line = '', ...more] = String(stream.read()).split('\n');
    assert.deepEqual(more, ['']);
    return line;
  }

  const error = new OrdoError('RECORD_INVALID', controls);

  it('holds no control character where it is JSON, and is the same object to a program', () => {
    const object = { stream: controls, [controls]: [{ a: controls }] };
    const line = lineOf((stdout) => openOutput({ json: true }, stdout).result(object, 'text'));
    assert.doesNotMatch(line, /\p{Cc}/u);
    assert.deepEqual(JSON.parse(line), object);
    const failure = lineOf((stdout) => openOutput({ json: true }, stdout).failure({ id: controls }, error));
    assert.doesNotMatch(failure, /\p{Cc}/u);
    assert.deepEqual(JSON.parse(failure), { id: controls, error: { code: 'RECORD_INVALID', message: controls } });
  });

  it('ends with an error that is JSON too, whatever its message holds', () => {
    const line = lineOf((stderr) => reportError(error, true, stderr));
    assert.doesNotMatch(line, /\p{Cc}/u);
    assert.deepEqual(JSON.parse(line), { error: { code: 'RECORD_INVALID', message: controls } });
  });

  it('escapes in text what would do more to a terminal than fill lines', () => {
    const line = lineOf((stdout) => openOutput({}, stdout).result({}, 'a\u001b[2J\u009b'));
    assert.equal(line, 'a\\x1b[2J\\x9b');
    const report = new OrdoError('INPUT_NOT_FOUND', 'a\u001b[2J');
    const stderr = new PassThrough({ encoding: 'utf8' });
    reportError(report, false, stderr);
    assert.equal(stderr.read(), `ordo: INPUT_NOT_FOUND: a\\x1b[2J\nwhat helps: ${report.remedy}\n`);
  });
});
