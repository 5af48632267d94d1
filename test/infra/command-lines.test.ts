import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { buildProgram } from '../../src/cli/program.ts';
import { describeWithCommands } from '../support/infra/commands.ts';
import { composeFile } from '../support/infra/compose.ts';
import { ROOT, text } from '../support/infra/files.ts';
import { render } from '../support/infra/kubernetes.ts';
import { containerOf, podsOf } from '../support/infra/pods.ts';

describe('the command lines of docker-compose.yml', () => {
  it('are understood by ordo, and name pipeline files of the image', async () => {
    const { services } = await composeFile();
    const lines = Object.values(services).flatMap(({ image, command }) =>
      image === 'ordo:local' && command ? [command] : [],
    );
    assert.ok(lines.length > 5);
    for (const line of lines) {
      await understand(line);
      const file = line.find((word) => word.endsWith('.yaml'));
      assert.ok(file && existsSync(join(ROOT, file)), line.join(' '));
    }
  });
});

describe('the command lines of docs/deployment.md', () => {
  it('are understood by ordo', async () => {
    const lines = ordoLines(await text('docs', 'deployment.md'));
    assert.ok(lines.length > 8);
    for (const line of lines) await understand(line);
  });
});

describeWithCommands('the command lines of infra/kubernetes', ['kubectl'], () => {
  it('are understood by ordo', async () => {
    const pods = podsOf(await render(join(ROOT, 'infra', 'kubernetes', 'overlays', 'cpu')));
    for (const pod of pods) await understand(containerOf(pod).args);
  });
});

/** What follows the name of a container that runs `ordo`, in code of a page; placeholders are left out. */
function ordoLines(page: string): string[][] {
  const shell = [...page.matchAll(/```sh\n([^`]*)```|`([^`\n]+)`/g)].map(([, block, span]) => block ?? span ?? '');
  const commands = shell.flatMap((code) => code.replaceAll('\\\n', ' ').split('\n'));
  const ordo =
    /(?:-- ordo|run --rm topics|exec ordo-old ordo|127\.0\.0\.1:9464:9464 +ordo|ordo:old(?! ordo:)|npx ordo) (\w[^#&]*)/;
  return commands.flatMap((command) => {
    const [, line] = ordo.exec(command) ?? [];
    return line === undefined ? [] : [line.trim().split(/ +/)];
  });
}

/** Parses a command line as `ordo` does, and does nothing then; throws if it is wrong. */
async function understand(line: readonly string[]): Promise<void> {
  const program = buildProgram();
  let understood = false;
  disarm(program, () => (understood = true));
  await program.parseAsync([...line], { from: 'user' });
  assert.ok(understood, line.join(' '));
}

function disarm(command: Command, action: () => void): void {
  if (command.commands.length === 0) command.action(action);
  for (const child of command.commands) disarm(child, action);
}
