import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { PipelineSpec } from '../../../src/app/spec.ts';
import { specOf } from '../../../src/app/verify/verify.ts';
import { tinySpec } from '../../support/tiny.ts';

const tiny = tinySpec('/nowhere');
const own = (spec: PipelineSpec, name: 'undisturbed' | 'disturbed' = 'disturbed') =>
  specOf(spec, name, { folder: '/runs', prefix: 'check.' });

describe('the pipeline of a run', () => {
  it('reads as many orders however far behind it is, and keeps every image', () => {
    const found = own({
      ...tiny,
      load: { floor: 1, from: 10, to: 100 },
      topics: { ...tiny.topics, retention: { maxAgeMs: 1000, maxBytes: 1000 } },
      images: { ...tiny.images, maxAgeMs: 1000 },
    });
    assert.ok(!('load' in found));
    assert.ok(!('maxAgeMs' in found.images));
    assert.deepEqual(found.topics.retention, {});
  });

  it('decides and scores as the pipeline does', () => {
    const { decision, scoring } = own(tiny);
    assert.deepEqual({ decision, scoring }, { decision: tiny.decision, scoring: tiny.scoring });
  });

  it('has a log and a place for large images of its own', () => {
    const [first, second] = [own(tiny, 'undisturbed'), own(tiny)];
    assert.deepEqual(first.log, { ...tiny.log, folder: join('/runs', 'undisturbed') });
    assert.deepEqual(second.log, { ...tiny.log, folder: join('/runs', 'disturbed') });
    assert.equal(second.images.claimCheck.folder, join('/runs', 'disturbed', 'blobs'));
  });
});
