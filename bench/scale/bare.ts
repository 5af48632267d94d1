import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { PipelineSpec } from '../../src/app/spec.ts';
import type { Contender, Slice } from '../rows/contender.ts';

/** Processes of bare ONNX Runtime, one thread each. */
export async function openBareProcesses(spec: PipelineSpec, processes: number, prefix: number): Promise<Contender> {
  const args = [spec.model, spec.scoring.tileRows, prefix].map(String);
  const children = Array.from({ length: processes }, () => fork(join(import.meta.dirname, 'bare-process.ts'), args));
  await Promise.all(children.map((child) => once(child, 'message')));
  return {
    name: `${processes} bare`,
    slice: async (ms) => {
      const slices = await Promise.all(children.map((child) => sliceOf(child, ms)));
      const sum = (key: keyof Slice) => slices.reduce((total, slice) => total + slice[key], 0);
      return { rows: sum('rows'), perSecond: sum('perSecond') };
    },
    close: async () => {
      const gone = children.map((child) => once(child, 'exit'));
      for (const child of children) child.disconnect();
      await Promise.all(gone);
    },
  };
}

async function sliceOf(child: ChildProcess, ms: number): Promise<Slice> {
  const answered = once(child, 'message');
  child.send(ms);
  const [slice] = (await answered) as [Slice];
  return slice;
}
