import { Command } from 'commander';
import { OrdoError } from '../errors.ts';
import { printable } from '../text.ts';
import { jsonOption } from './options.ts';
import { openOutput } from './output.ts';
import { table } from './views.ts';

interface Options {
  json?: boolean;
}

export function modelCommand(): Command {
  const show = new Command('show')
    .description('Show what a model is')
    .argument('<folder>', 'model folder')
    .addOption(jsonOption())
    .addHelpText('after', SHOW_HELP)
    .action(showModel);
  const verify = new Command('verify')
    .description('Compare the files of a model with the digests in its manifest')
    .argument('<folder>', 'model folder')
    .addOption(jsonOption())
    .addHelpText('after', VERIFY_HELP)
    .action(verifyFiles);
  return new Command('model').description('Look at model folders').addCommand(show).addCommand(verify);
}

const SHOW_HELP = `
With --json: {"folder", "digest", "manifest"}, the manifest as in model.json.

Example:
  $ ordo model show models/traffic-signs`;

const VERIFY_HELP = `
The exit code is 66 if a file differs or is missing. With --json each file gives {"file", "expected", "actual", "ok"}.

Example:
  $ ordo model verify models/traffic-signs`;

async function showModel(path: string, options: Options): Promise<void> {
  const output = openOutput(options);
  const { loadModel } = await import('../adapters/onnx/model.ts');
  const { folder, digestHex: digest, manifest } = await loadModel(path);
  const { name, version, image, tokens, prefixes, classes } = manifest;
  const text = table(
    ['name', `${name} ${version}`],
    [
      ['digest', digest],
      ['folder', printable(folder)],
      ['image', `${image.width} x ${image.height} pixels, ${image.fit}`],
      ['tokens', `${tokens.positions} places, ${tokens.codes} codes`],
      ['prefixes', prefixes.join(', ')],
      ['classes', String(classes.length)],
      ...classes.map((label, id) => [`  ${id}`, printable(label)]),
    ],
  );
  output.result({ folder, digest, manifest }, text);
}

async function verifyFiles(path: string, options: Options): Promise<void> {
  const output = openOutput(options);
  const { verifyModel } = await import('../adapters/onnx/model.ts');
  const checks = await verifyModel(path);
  for (const check of checks) {
    const { file, ok, actual } = check;
    output.result(check, `${file}: ${ok ? 'ok' : actual === null ? 'cannot be read' : `differs, ${actual}`}`);
  }
  const bad = checks.filter(({ ok }) => !ok).map(({ file }) => file);
  if (bad.length > 0)
    throw new OrdoError('MODEL_DIGEST_MISMATCH', `${path}: not as in the manifest: ${bad.join(', ')}`);
}
