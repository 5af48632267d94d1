import { loadModel } from '../../src/adapters/onnx/model.ts';
import { openBare } from '../rows/bare.ts';

/** ONNX Runtime in one thread of a process: `bare-process.ts MODEL TILE-ROWS PREFIX`; told milliseconds, it answers with a slice. */
const [folder = '', tileRows, prefix] = process.argv.slice(2);
const model = await loadModel(folder);
const bare = await openBare({ model, workers: 1, tileRows: Number(tileRows), prefix: Number(prefix) });
process.on('message', (ms: number) => void bare.slice(ms).then((slice) => process.send?.(slice)));
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
