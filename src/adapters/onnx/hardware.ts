import { readdir, readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { NumericProfile } from '../../ports/scorer.ts';
import type { Device } from './session.ts';

const CPU_INFO = '/proc/cpuinfo';
const NVIDIA_GPUS = '/proc/driver/nvidia/gpus';

/** By these ONNX Runtime chooses among its kernels; other flags tell of the kernel, the hypervisor and the like. */
const ARITHMETIC = /^(sse4_1|avx\w*|fma|f16c|amx_\w+|asimd\w*|fphp|sve\w*|sme\w*|i8mm|bf16)$/;

/** By these CUDA chooses and orders the GPUs that it counts. */
const NUMBERING = ['CUDA_DEVICE_ORDER', 'CUDA_VISIBLE_DEVICES'];

export interface HardwareOptions {
  /** Where NVIDIA's driver describes its GPUs, a folder each. */
  gpus?: string;
  env?: Readonly<Record<string, string | undefined>>;
}

/** What of this machine numbers rest on. The instructions and the accelerators are those that Linux tells of. */
export async function hardwareOf(
  { provider, deviceId }: Device,
  { gpus = NVIDIA_GPUS, env = process.env }: HardwareOptions = {},
): Promise<Pick<NumericProfile, 'cpu' | 'instructions' | 'device'>> {
  const instructions = instructionsIn(await textOf(CPU_INFO));
  const models = provider === 'cpu' ? [] : gpuModelsIn(await descriptionsIn(gpus));
  const which = provider === 'cuda' && models.length > 1 ? [`#${deviceId}`, ...numbering(env)] : [];
  const device = [models.join(', '), ...which].join(' ');
  return {
    cpu: `${cpus()[0]?.model ?? 'unknown'} ${process.arch}`,
    ...(instructions && { instructions }),
    ...(device && { device }),
  };
}

/** The instructions of the first processor that change how sums come about, in alphabetical order; '' if it does not say. */
export function instructionsIn(cpuInfo: string): string {
  const flags = /^(?:flags|Features)\s*:(.*)$/m.exec(cpuInfo)?.[1] ?? '';
  return inOrder(flags.split(/\s+/).filter((flag) => ARITHMETIC.test(flag))).join(' ');
}

/** The models that descriptions of GPUs by NVIDIA's driver name, each once, in alphabetical order. */
export function gpuModelsIn(descriptions: readonly string[]): string[] {
  return inOrder(descriptions.flatMap((text) => /^Model:\s*(.*\S)/m.exec(text)?.[1] ?? []));
}

function numbering(env: Readonly<Record<string, string | undefined>>): string[] {
  return NUMBERING.flatMap((name) => (env[name] === undefined ? [] : `${name}=${env[name]}`));
}

function inOrder(names: readonly string[]): string[] {
  return [...new Set(names)].toSorted();
}

async function descriptionsIn(gpus: string): Promise<string[]> {
  const folders = await readdir(gpus).catch(() => []);
  return Promise.all(folders.map((folder) => textOf(join(gpus, folder, 'information'))));
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
