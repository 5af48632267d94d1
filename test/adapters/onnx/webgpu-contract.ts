import { loadModel } from '../../../src/adapters/onnx/model.ts';
import { openOnnxScorer } from '../../../src/adapters/onnx/scorer.ts';
import { scorerContract, subjectOf } from '../../contracts/scorer.ts';
import { TINY_MODEL } from '../../support/tiny.ts';

// Run by webgpu.test.ts in a process of its own.
scorerContract('onnxruntime on WebGPU', subjectOf(TINY_MODEL), async () =>
  openOnnxScorer(await loadModel(TINY_MODEL), { workers: 1, tileRows: 8, provider: 'webgpu' }),
);
