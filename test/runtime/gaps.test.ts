import assert from 'node:assert/strict';
import { reportGaps } from '../../src/runtime/gaps.ts';
import { silent, tellingLogger } from '../support/silent.ts';

const PLACE = { topic: 'images', partition: 3 };

describe('reportGaps', () => {
  let said: string[];
  const gaps = () => reportGaps('score', { telemetry: silent.telemetry, logger: tellingLogger((said = [])) });

  it('warns of records that are read once more since the log ends before where the group stood', () => {
    gaps().onRestarted(PLACE, { from: 90, records: 40 });
    assert.match(said.join(), /^warn: a partition ends before.*"partition":3,"records":40,"from":90/);
  });

  it('says where nothing was committed yet, which at the first start is as it should be', () => {
    gaps().onRestarted(PLACE, { records: 40 });
    assert.match(said.join(), /^info: no offset is known.*"topic":"images","partition":3,"records":40/);
  });

  it('takes what retention deleted for an error', () => {
    gaps().onLost(PLACE, 7);
    assert.match(said.join(), /^error: retention deleted.*"count":7/);
  });
});
