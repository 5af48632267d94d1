"""Writes a package's int8 score graph, with static scales from rows of real images, and int8.json beside it."""

import argparse
import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static

from .config import Config, add_config, config_of
from .data import load_images, read_table, spread
from .export import package_digest, run_rows, session, stability
from .images import ends_by_sentence
from .orders import random_orders

Rows = tuple[np.ndarray, np.ndarray, np.ndarray]


class RealRows(CalibrationDataReader):
    """Batches of one image in random orders under random classes, its own among them, at the longest prefix."""

    def __init__(self, config: Config, tokens: np.ndarray, labels: np.ndarray, rows: int):
        self.batches = iter([dict(zip(("tokens", "order", "class"), batch, strict=True))
                             for batch in batches(config, tokens, labels, rows, config.positions)])

    def get_next(self) -> dict | None:
        """The next batch, or None."""
        return next(self.batches, None)


def batches(config: Config, tokens: np.ndarray, labels: np.ndarray, rows: int, prefix: int) -> Iterator[Rows]:
    """For each image, `rows` rows: random orders; the true class in the first half, random classes in the other."""
    generator = np.random.default_rng(0)
    for image, label in zip(tokens, labels, strict=True):
        classes = generator.integers(0, len(config.classes), rows)
        classes[:rows // 2] = label
        order = random_orders(rows, config.positions, prefix).numpy().astype(np.int32)
        yield np.repeat(image[None], rows, 0).astype(np.int32), order, classes.astype(np.int32)


def weights_only(path: Path) -> list[str]:
    """Names of the matrix products by constants: those that are quantized. The products in attention are not."""
    graph = onnx.load(path).graph
    constants = {initializer.name for initializer in graph.initializer}
    return [node.name for node in graph.node if node.op_type == "MatMul" and node.input[1] in constants]


def quantize(source: Path, target: Path, reader: CalibrationDataReader, reduce_range: bool) -> None:
    """Quantizes `source` into `target`: uint8 activations, int8 weights a channel each."""
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "score.onnx"
        onnx.save(onnx.shape_inference.infer_shapes(onnx.load(source)), prepared)
        quantize_static(prepared, target, reader, quant_format=QuantFormat.QDQ, per_channel=True,
                        activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8, reduce_range=reduce_range,
                        op_types_to_quantize=["MatMul"], nodes_to_quantize=weights_only(prepared),
                        calibrate_method=CalibrationMethod.MinMax)


def differences(config: Config, fp32: Path, int8: Path, tokens: np.ndarray, labels: np.ndarray, prefix: int) -> dict:
    """How far rows' log-likelihoods are from those of the fp32 graph, nats."""
    sessions = [session(path) for path in (fp32, int8)]
    found = []
    for batch in batches(config, tokens, labels, 8, prefix):
        exact, rounded = (run_rows(one, batch).sum(1, dtype=np.float64) for one in sessions)
        found.append(rounded - exact)
    off = np.concatenate(found)
    return {"rows": len(off), "mean": float(off.mean()), "standardDeviation": float(off.std()),
            "largest": float(np.abs(off).max())}


def independent(path: Path, config: Config, tokens: np.ndarray, prefix: int) -> bool:
    """Whether a row's bits depend on nothing but the row: not on its neighbours, its place or the batch size."""
    found = stability(path, config, torch.from_numpy(tokens), prefix)
    return found["sameAmongNeighbours"] == 1 and len(found["batchSizesEqualToFull"]) == 64


@ends_by_sentence
def main(words: Sequence[str] | None = None) -> None:
    """Quantizes a package's score graph in place."""
    parser = argparse.ArgumentParser(description="Quantize the score graph of a package.")
    add_config(parser)
    parser.add_argument("--package", required=True)
    parser.add_argument("--images", required=True)
    parser.add_argument("--labels", required=True, help="images to calibrate on")
    parser.add_argument("--held-out", required=True, help="images to compare with fp32 on")
    parser.add_argument("--count", type=int, default=200, help="images of each")
    parser.add_argument("--full-range", action="store_true",
                        help="8 bits of weights: right where the processor adds products of bytes in 32 bits (VNNI)")
    arguments = parser.parse_args(words)
    torch.manual_seed(0)
    config, package = config_of(arguments), Path(arguments.package)
    source, target = package / "score.onnx", package / "score.int8.onnx"
    encoder = onnxruntime.InferenceSession(package / "encoder.onnx", providers=["CPUExecutionProvider"])

    def tokenized(table: str) -> tuple[np.ndarray, np.ndarray]:
        pixels, labels = load_images(arguments.images, spread(read_table(table), arguments.count), config)
        return encoder.run(None, {"image": pixels})[0], np.asarray(labels)

    tokens, labels = tokenized(arguments.labels)
    quantize(source, target, RealRows(config, tokens, labels, 16), not arguments.full_range)
    held_out = tokenized(arguments.held_out)
    data = target.read_bytes()
    found = {
        "model": package_digest(package).hex(),
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
        "calibration": {"images": len(tokens), "rowsOfEach": 16, "method": "MinMax",
                        "weightBits": 8 if arguments.full_range else 7},
        "differenceToFp32Nats": {str(prefix): differences(config, source, target, *held_out, prefix)
                                 for prefix in config.model.prefixes},
        "rowsTheSameInAnyBatch": all(independent(target, config, tokens, prefix) for prefix in config.model.prefixes),
    }
    if not found["rowsTheSameInAnyBatch"]:
        target.unlink()
        sys.exit("in the int8 graph a row's bits depend on the rows around it: it is not kept")
    (package / "int8.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
