import sharp from 'sharp';
import { loadModel } from '../../src/adapters/onnx/model.ts';
import { openPainter } from '../../src/adapters/onnx/painter.ts';

/** Pictures that the shipped model painted, of all classes in turn, as PNG files. */
export async function paintedPictures(count: number): Promise<Uint8Array[]> {
  const model = await loadModel('models/traffic-signs');
  const { classes, image } = model.manifest;
  const requests = Array.from({ length: count }, (_, seed) => ({ classId: seed % classes.length, seed }));
  const raw = { width: image.width, height: image.height, channels: 3 as const };
  const painter = await openPainter(model);
  try {
    const painted = await painter.paintMany(requests);
    return await Promise.all(
      painted.map(async ({ pixels }) => new Uint8Array(await sharp(pixels, { raw }).png().toBuffer())),
    );
  } finally {
    await painter.close();
  }
}
