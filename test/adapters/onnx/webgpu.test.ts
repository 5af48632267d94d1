import { loadModel } from '../../../src/adapters/onnx/model.ts';
import { openOnnxScorer } from '../../../src/adapters/onnx/scorer.ts';
import { scorerContract, subjectOf } from '../../contracts/scorer.ts';
import { TINY_MODEL } from '../../support/tiny.ts';
import { describeWithWebGpu } from '../../support/webgpu.ts';

describeWithWebGpu('WebGPU', function () {
  scorerContract('onnxruntime on WebGPU', subjectOf(TINY_MODEL), async () =>
    openOnnxScorer(await loadModel(TINY_MODEL), { workers: 1, tileRows: 8, provider: 'webgpu' }),
  );
});
