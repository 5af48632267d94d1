import { describeWithS3 } from './describe.ts';

/** Tests for a run of Mocha of its own: two that need an S3 server where there is no Java, and one that does not. */
for (const name of ['the first suite', 'the second suite']) {
  describeWithS3(name, () => it('needs a server', () => undefined));
}

it('needs no server', () => undefined);
