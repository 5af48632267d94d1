import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../folders.ts';
import { findJava } from './java.ts';

describe('findJava', () => {
  let home: Awaited<ReturnType<typeof temporaryFolder>>;
  const inherited = process.env['JAVA_HOME'];
  before(function () {
    if (process.platform === 'win32') this.skip();
  });
  beforeEach(async () => {
    home = await temporaryFolder();
    await mkdir(join(home.path, 'bin'));
    process.env['JAVA_HOME'] = home.path;
  });
  afterEach(async () => {
    if (inherited === undefined) delete process.env['JAVA_HOME'];
    else process.env['JAVA_HOME'] = inherited;
    await home.remove();
  });

  const install = (says: string) => {
    const script = `#!/bin/sh\necho '${says}' >&2\n`;
    return writeFile(join(home.path, 'bin', 'java'), script, { mode: 0o755 });
  };

  for (const version of ['17.0.15', '21', '25-ea']) {
    it(`takes the one of JAVA_HOME, version ${version}`, async () => {
      await install(`openjdk version "${version}" 2025-04-15`);
      assert.equal(await findJava('Kafka'), join(home.path, 'bin', 'java'));
    });
  }

  for (const version of ['1.8.0_452', '11.0.27']) {
    it(`refuses version ${version}`, async () => {
      await install(`openjdk version "${version}" 2025-04-15`);
      await assert.rejects(findJava('Kafka'), { message: /Kafka needs Java 17/ });
    });
  }

  it('says so where there is none', async () => {
    await assert.rejects(findJava('Kafka'), { message: /ENOENT/ });
  });
});
