import assert from 'node:assert/strict';
import { gpuModelsIn, hardwareOf, instructionsIn } from '../../../src/adapters/onnx/hardware.ts';

const virtual = (flags: string) =>
  `processor\t: 0\nmodel name\t: QEMU Virtual CPU\nflags\t\t: ${flags}\nbugs\t\t: avx9\n`;
const gpu = (model: string) => `Model: \t\t ${model}\nIRQ:   \t\t 42\nGPU UUID: \t GPU-0\n`;

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
    const [h100, t4] = [gpu('NVIDIA H100 80GB HBM3'), gpu('Tesla T4')];
    assert.equal(gpuModelsIn([h100, h100]), 'NVIDIA H100 80GB HBM3');
    assert.equal(gpuModelsIn([t4, h100]), 'NVIDIA H100 80GB HBM3, Tesla T4');
    assert.equal(gpuModelsIn(['']), '');
  });

  it('are no accelerator where the CPU computes', async () => {
    assert.equal((await hardwareOf('cpu')).device, undefined);
  });
});
