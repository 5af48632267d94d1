import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gpuModelsIn, hardwareOf, instructionsIn } from '../../../src/adapters/onnx/hardware.ts';
import type { Device } from '../../../src/adapters/onnx/session.ts';
import { temporaryFolder } from '../../support/folders.ts';

const virtual = (flags: string) =>
  `processor\t: 0\nmodel name\t: QEMU Virtual CPU\nflags\t\t: ${flags}\nbugs\t\t: avx9\n`;
const gpu = (model: string) => `Model: \t\t ${model}\nIRQ:   \t\t 42\nGPU UUID: \t GPU-0\n`;
const [H100, T4] = [gpu('NVIDIA H100 80GB HBM3'), gpu('Tesla T4')];

describe('what of a machine numbers rest on', () => {
  it('are the instructions of processors that bear one name', () => {
    assert.equal(instructionsIn(virtual('fpu sse2 sse4_1 fma avx avx2')), 'avx avx2 fma sse4_1');
    assert.equal(
      instructionsIn(virtual('fpu sse2 sse4_1 avx512f avx512_vnni fma avx avx2')),
      'avx avx2 avx512_vnni avx512f fma sse4_1',
    );
    assert.equal(instructionsIn('Features\t: fp asimd crc32 asimddp sve i8mm\n'), 'asimd asimddp i8mm sve');
  });

  it('are not what a kernel or a hypervisor adds, nor in what order', () => {
    assert.equal(instructionsIn(virtual('avx ibrs')), instructionsIn(virtual('hypervisor md_clear avx')));
    assert.equal(instructionsIn(''), '');
  });

  it('are the models of the accelerators, however many there are of each', () => {
    assert.deepEqual(gpuModelsIn([H100, H100]), ['NVIDIA H100 80GB HBM3']);
    assert.deepEqual(gpuModelsIn([T4, H100]), ['NVIDIA H100 80GB HBM3', 'Tesla T4']);
    assert.deepEqual(gpuModelsIn(['']), []);
  });

  it('are no accelerator where the CPU computes', async () => {
    assert.equal((await hardwareOf({ provider: 'cpu', deviceId: 0 })).device, undefined);
  });
});

describe('the accelerator that numbers rest on', () => {
  let gpus: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeEach(async () => {
    gpus = await temporaryFolder();
  });
  afterEach(() => gpus.remove());

  async function holds(descriptions: readonly string[]): Promise<void> {
    for (const [slot, text] of descriptions.entries()) {
      const folder = join(gpus.path, `slot-${slot}`);
      await mkdir(folder);
      await writeFile(join(folder, 'information'), text);
    }
  }

  const deviceOf = async (device: Device, env: Record<string, string> = {}) =>
    (await hardwareOf(device, { gpus: gpus.path, env })).device;
  const cuda = (deviceId: number, env?: Record<string, string>) => deviceOf({ provider: 'cuda', deviceId }, env);

  it('is another one for each number in a machine of several models', async () => {
    await holds([H100, T4]);
    assert.equal(await cuda(0), 'NVIDIA H100 80GB HBM3, Tesla T4 #0');
    assert.equal(await cuda(1), 'NVIDIA H100 80GB HBM3, Tesla T4 #1');
  });

  it('is another one there too where other devices are visible or count from another one', async () => {
    await holds([H100, T4]);
    const found = [
      await cuda(0),
      await cuda(0, { CUDA_VISIBLE_DEVICES: '0' }),
      await cuda(0, { CUDA_VISIBLE_DEVICES: '1' }),
      await cuda(0, { CUDA_DEVICE_ORDER: 'PCI_BUS_ID' }),
    ];
    assert.equal(new Set(found).size, found.length);
  });

  it('is the model alone in a machine of one model, whichever of them computes', async () => {
    await holds([H100, H100]);
    for (const device of [await cuda(0), await cuda(1), await cuda(0, { CUDA_VISIBLE_DEVICES: '1' })])
      assert.equal(device, 'NVIDIA H100 80GB HBM3');
  });

  it('has no number for WebGPU, which chooses by itself', async () => {
    await holds([H100, T4]);
    assert.equal(await deviceOf({ provider: 'webgpu', deviceId: 1 }), 'NVIDIA H100 80GB HBM3, Tesla T4');
  });

  it('is unknown where no driver describes it', async () => {
    assert.equal(await cuda(1), undefined);
  });
});
