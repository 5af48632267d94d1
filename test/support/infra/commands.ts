import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

const skipped = new Map<string, string[]>();

/**
 * Tests that need commands of other projects. Where one is not on the PATH they are skipped, and the run ends by saying
 * so, or, where REQUIRE_INFRA=1 is set, they fail.
 */
export function describeWithCommands(name: string, commands: readonly string[], tests: () => void): Mocha.Suite {
  return describe(name, () => {
    before(async function () {
      const missing = await absent(commands);
      if (missing.length > 0) skipFor(this, name, missing.join(', '));
    });
    tests();
  });
}

async function absent(commands: readonly string[]): Promise<string[]> {
  const found = await Promise.all(commands.map(isOnPath));
  return commands.filter((_, index) => !found[index]);
}

async function isOnPath(command: string): Promise<boolean> {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const tries = folders.map((folder) => access(join(folder, command), constants.X_OK));
  return (await Promise.allSettled(tries)).some(({ status }) => status === 'fulfilled');
}

/** Skips a test for want of something, and says so at the end of the run; where REQUIRE_INFRA=1 is set, it fails. */
export function skipFor(context: Mocha.Context, name: string, missing: string): never {
  if (process.env['REQUIRE_INFRA'] === '1') throw new Error(`missing: ${missing}`);
  if (skipped.size === 0) process.once('exit', () => console.error(notice()));
  skipped.set(missing, [...(skipped.get(missing) ?? []), name]);
  return context.skip();
}

function notice(): string {
  return [...skipped].map(([missing, names]) => `\nSKIPPED for want of ${missing}: ${names.join(', ')}`).join('');
}
