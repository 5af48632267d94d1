import { CommanderError } from 'commander';
import { asOrdoError, OrdoError } from '../errors.ts';
import { EXIT, exitCodeOf } from './exit.ts';
import { reportError } from './output.ts';
import { buildProgram } from './program.ts';
import { endWithReader } from './reader.ts';

/** ONNX Runtime reports on its use to its makers, over the network, unless told not to before it is loaded. */
process.env['ORT_DISABLE_TELEMETRY'] ??= '1';

endWithReader();
try {
  await buildProgram().parseAsync();
} catch (error) {
  process.exitCode = endOf(error);
}

/** The exit code for what ended the command, once it is reported. */
function endOf(error: unknown): number {
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
  if (error instanceof CommanderError && error.code === 'commander.help') return EXIT.usage;
  const usage =
    error instanceof CommanderError ? new OrdoError('USAGE', error.message.replace(/^error: /, '')) : undefined;
  const known = usage ?? asOrdoError(error);
  reportError(known, process.argv.includes('--json'));
  return exitCodeOf(known.code);
}
