import assert from 'node:assert/strict';
import { Command } from 'commander';
import { moment, positive, several, stagesOption, uriReference, whole } from '../../src/cli/options.ts';
import { isErrorCode } from '../../src/errors.ts';

describe('options', () => {
  it('takes whole numbers from the least on', () => {
    assert.equal(whole(1)('12'), 12);
    assert.equal(whole(0)('0'), 0);
    for (const bad of ['0', '-1', '1.5', '1e3', '', 'x', ' 1', '9007199254740993'])
      assert.throws(() => whole(1)(bad), bad);
  });

  it('takes whole numbers up to the most, and says between what they lie', () => {
    assert.equal(whole(1, 4096)('4096'), 4096);
    assert.throws(() => whole(1, 4096)('4097'), /It must be a whole number from 1 to 4096\./);
    assert.throws(() => whole(2)('1'), /It must be a whole number of at least 2\./);
  });

  it('takes positive numbers', () => {
    assert.equal(positive('0.5'), 0.5);
    for (const bad of ['0', '-1', '', ' ', 'x', 'Infinity']) assert.throws(() => positive(bad), bad);
  });

  it('takes several values one by one, and says where an argument goes that was taken for one', () => {
    const code = several(isErrorCode, 'a code');
    assert.deepEqual(code('INTERNAL', code('USAGE')), ['USAGE', 'INTERNAL']);
    for (const bad of ['0:17', 'usage', '']) {
      assert.throws(() => code(bad, ['USAGE']), /It must be a code\. .*: arguments go before it\.$/, bad);
    }
  });

  it('takes several stages, and shows them in the help', () => {
    const option = stagesOption('the stages');
    const stages = new Command()
      .exitOverride()
      .configureOutput({ writeErr: () => {} })
      .addOption(option);
    assert.deepEqual(stages.parse(['--stage', 'score', 'tokenize'], { from: 'user' }).opts()['stage'], [
      'score',
      'tokenize',
    ]);
    assert.throws(() => stages.parse(['--stage', 'score', 'p.yaml'], { from: 'user' }), /arguments go before it/);
    assert.match(stages.helpInformation(), /the stages \(choices: "tokenize", "score", "aggregate"\)/);
  });

  it('takes URI references', () => {
    for (const good of ['urn:gate:3', 'https://example.com/a?b=c#d', '/gate%203'])
      assert.equal(uriReference(good), good);
    for (const bad of ['', 'gate 3', 'gate\n', 'gäte', '<gate>']) assert.throws(() => uriReference(bad), bad);
  });

  it('takes moments as dates and times', () => {
    assert.equal(moment('2026-01-31T12:00:00Z'), Date.UTC(2026, 0, 31, 12));
    for (const bad of ['', '12', 'yesterday', '2026-13-01']) assert.throws(() => moment(bad), bad);
  });

  it('takes moments as how long ago', () => {
    const before = Date.now() - 7_200_000;
    const value = moment('2h');
    assert.ok(value >= before && value <= Date.now() - 7_200_000);
  });
});
