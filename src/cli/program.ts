import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { benchCommand } from './bench.ts';
import { calibrateCommand } from './calibrate.ts';
import { classifyCommand } from './classify.ts';
import { demoCommand } from './demo.ts';
import { dlqCommand } from './dlq.ts';
import { evalCommand } from './eval.ts';
import { EXIT_HELP } from './exit.ts';
import { labelsCommand } from './labels.ts';
import { lagCommand } from './lag.ts';
import { modelCommand } from './model.ts';
import { planCommand } from './plan.ts';
import { produceCommand } from './produce.ts';
import { recordCommand } from './record.ts';
import { resetCommand } from './reset.ts';
import { topicsCommand } from './topics.ts';
import { upCommand } from './up.ts';
import { verifyCommand } from './verify.ts';

const EXAMPLES = `
Examples:
  $ ordo classify photos/                          label the images of a folder
  $ ordo up pipelines/traffic-signs.yaml           run a pipeline
  $ ordo produce pipelines/traffic-signs.yaml photos/
  $ ordo labels pipelines/traffic-signs.yaml --follow --json
  $ ordo lag pipelines/traffic-signs.yaml

With --json, stdout holds one JSON object a line and nothing else. What classify, produce and dlq report of one input while
they go on is among them, with "error" in it; all else, the error that ends a command too, goes to stderr.
`;

/** The whole command line. Parsing throws a CommanderError in place of ending the process. */
export function buildProgram(): Command {
  const program = new Command('ordo')
    .description('Classifies streams of images with an any-order autoregressive model, on a durable log.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help on a command')
    .addHelpText('after', `${EXAMPLES}\n${EXIT_HELP}`)
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .showSuggestionAfterError();
  for (const command of commands()) program.addCommand(inherit(command, program));
  return program;
}

function commands(): Command[] {
  return [
    demoCommand(),
    upCommand(),
    classifyCommand(),
    produceCommand(),
    labelsCommand(),
    lagCommand(),
    resetCommand(),
    dlqCommand(),
    evalCommand(),
    recordCommand(),
    calibrateCommand(),
    benchCommand(),
    planCommand(),
    verifyCommand(),
    modelCommand(),
    topicsCommand(),
  ];
}

function inherit(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent);
  for (const child of command.commands) inherit(child, command);
  return command;
}

function version(): string {
  const { version: text }: { version: string } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  );
  return text;
}
