import { readdir, readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { NumericProfile, Provider } from '../../ports/scorer.ts';

const CPU_INFO = '/proc/cpuinfo';
const NVIDIA_GPUS = '/proc/driver/nvidia/gpus';

/** By these ONNX Runtime chooses among its kernels; other flags tell of the kernel, the hypervisor and the like. */
const ARITHMETIC = /^(sse4_1|avx\w*|fma|f16c|amx_\w+|asimd\w*|fphp|sve\w*|sme\w*|i8mm|bf16)$/;

/** What of this machine numbers rest on. The instructions and the accelerator are those that Linux tells of. */
export async function hardwareOf(provider: Provider): Promise<Pick<NumericProfile, 'cpu' | 'instructions' | 'device'>> {
  const instructions = instructionsIn(await textOf(CPU_INFO));
  const device = provider === 'cpu' ? '' : gpuModelsIn(await nvidiaGpus());
  return {
    cpu: `${cpus()[0]?.model ?? 'unknown'} ${process.arch}`,
    ...(instructions && { instructions }),
    ...(device && { device }),
  };
}

/** The instructions of the first processor that change how sums come about, in alphabetical order; '' if it does not say. */
export function instructionsIn(cpuInfo: string): string {
  const flags = /^(?:flags|Features)\s*:(.*)$/m.exec(cpuInfo)?.[1] ?? '';
  return inOrder(flags.split(/\s+/).filter((flag) => ARITHMETIC.test(flag)));
}

/** The models that descriptions of GPUs by NVIDIA's driver name, each once. */
export function gpuModelsIn(descriptions: readonly string[]): string {
  return inOrder(
    descriptions.flatMap((text) => /^Model:\s*(.*\S)/m.exec(text)?.[1] ?? []),
    ', ',
  );
}

function inOrder(names: readonly string[], between = ' '): string {
  return [...new Set(names)].toSorted().join(between);
}

async function nvidiaGpus(): Promise<string[]> {
  const folders = await readdir(NVIDIA_GPUS).catch(() => []);
  return Promise.all(folders.map((folder) => textOf(join(NVIDIA_GPUS, folder, 'information'))));
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
