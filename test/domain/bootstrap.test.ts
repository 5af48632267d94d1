import assert from 'node:assert/strict';
import { clusteredDifference, clusteredMean, clusteredShare } from '../../src/domain/bootstrap.ts';

const images = (tracks: number, frames: number, value: (track: number, frame: number) => number) =>
  Array.from({ length: tracks * frames }, (_, at) => {
    const track = Math.floor(at / frames);
    return { track: String(track), value: value(track, at % frames) };
  });

describe('a mean over clustered images', () => {
  it('is that of the images, not of the tracks', () => {
    const uneven = [...images(1, 3, () => 1), { track: 'other', value: 0 }];
    assert.equal(clusteredMean(uneven).mean, 0.75);
  });

  it('has an interval about 1.96 standard errors of the tracks to each side', () => {
    const { mean, interval } = clusteredMean(images(400, 5, (track) => track % 2));
    assert.equal(mean, 0.5);
    const halfWidth = 1.96 * Math.sqrt(0.25 / 400);
    assert.ok(Math.abs(interval[0] - (0.5 - halfWidth)) < 0.01, String(interval));
    assert.ok(Math.abs(interval[1] - (0.5 + halfWidth)) < 0.01, String(interval));
  });

  it('has a wider interval where frames of a track are alike than where they are not', () => {
    const width = ({ interval: [low, high] }: ReturnType<typeof clusteredMean>) => high - low;
    const alike = clusteredMean(images(50, 10, (track) => track % 2));
    const mixed = clusteredMean(images(50, 10, (_, frame) => frame % 2));
    assert.ok(width(alike) > 0.2);
    assert.equal(width(mixed), 0);
  });

  it('is bounded by the rule of three where all images are alike', () => {
    assert.deepEqual(clusteredShare(images(300, 2, () => 1)), { mean: 1, interval: [0.99, 1] });
    assert.deepEqual(clusteredShare(images(30, 3, () => 0)), { mean: 0, interval: [0, 0.1] });
    assert.deepEqual(clusteredDifference(images(30, 3, () => 0)), { mean: 0, interval: [-0.1, 0.1] });
    assert.deepEqual(clusteredShare(images(2, 3, () => 1)), { mean: 1, interval: [0, 1] });
  });

  it('is that of the bootstrap where they are not', () => {
    const [some, changed] = [images(40, 2, (track) => track % 2), images(40, 2, (track) => (track % 3) - 1)];
    assert.deepEqual(clusteredShare(some), clusteredMean(some));
    assert.deepEqual(clusteredDifference(changed), clusteredMean(changed));
  });

  it('is the same each time', () => {
    const same = images(20, 3, (track, frame) => (track * frame) % 3);
    assert.deepEqual(clusteredMean(same), clusteredMean(same));
  });
});
