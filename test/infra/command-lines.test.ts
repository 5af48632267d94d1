import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { buildProgram } from '../../src/cli/program.ts';
import { describeWithCommands } from '../support/infra/commands.ts';
import { composeFile } from '../support/infra/compose.ts';
import { ROOT } from '../support/infra/files.ts';
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

describeWithCommands('the command lines of infra/kubernetes', ['kubectl'], () => {
  it('are understood by ordo', async () => {
    const pods = podsOf(await render(join(ROOT, 'infra', 'kubernetes', 'overlays', 'cpu')));
    for (const pod of pods) await understand(containerOf(pod).args);
  });
});

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
