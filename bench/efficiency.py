"""Arithmetic of a row, and how much of the machine's peak the scorer reaches.

    python bench/efficiency.py [--rounds 9]

Needs the packages of training/requirements.txt. FLOPs are those of matrix products (two a multiply-add), counted by
PyTorch on the transformer of the shipped package. The peak is the fastest of several square float32 products in ONNX
Runtime on one thread; the scorer runs on one thread too, in tiles of 16 rows; both take turns, and shares are medians
over the rounds. FLOPs an image are those of the shipped plan's rows as bench/causes.ts counted them. The result is
written to bench/results/efficiency.json.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch.utils.flop_counter import FlopCounterMode

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "training"))

from ordo_training.config import Config, load_config
from ordo_training.export import run_rows, sample_rows, session
from ordo_training.proposer import Proposer
from ordo_training.restore import restore_model

PACKAGE = ROOT / "models" / "traffic-signs"
RESULTS = ROOT / "bench" / "results"
SIZES = (256, 384, 512, 768, 1024)
TILE = 16
SLICE_SECONDS = 0.5


def flops_of(module: torch.nn.Module, *inputs: torch.Tensor) -> int:
    """FLOPs of the matrix products and convolutions of one call."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        module(*inputs)
    return counter.get_total_flops()


def product(size: int) -> Callable[[], float]:
    """A square product by a constant matrix, as in a linear layer; a call gives its FLOPs."""
    weights = onnx.numpy_helper.from_array(np.random.default_rng(0).random((size, size), np.float32), "b")
    sides = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [size, size]) for name in ("a", "c")]
    graph = onnx.helper.make_graph([onnx.helper.make_node("MatMul", ["a", "b"], ["c"])], "product", sides[:1],
                                   sides[1:], [weights])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 20)], ir_version=10)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    runner = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    values = {"a": np.random.default_rng(1).random((size, size), np.float32)}

    def run() -> float:
        runner.run(None, values)
        return 2 * size**3

    return run


def rate(call: Callable[[], float]) -> float:
    """FLOPs a second over a slice of time."""
    done, started = 0.0, time.perf_counter()
    while time.perf_counter() - started < SLICE_SECONDS:
        done += call()
    return done / (time.perf_counter() - started)


def scorers(config: Config, flops: dict[int, int]) -> dict[int, Callable[[], float]]:
    """For each prefix length, a call that scores a tile and gives its FLOPs."""
    one = session(PACKAGE / "score.onnx")

    def scorer(prefix: int) -> Callable[[], float]:
        rows = tuple(part.numpy() for part in sample_rows(config, TILE, prefix))

        def run() -> float:
            run_rows(one, rows)
            return TILE * flops[prefix]

        return run

    return {prefix: scorer(prefix) for prefix in flops}


def main() -> None:
    """Measures and writes the result."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    config = load_config(ROOT / "training" / "configs" / "traffic-signs.toml")
    model = restore_model(config, PACKAGE)
    sample = {prefix: [part.long() for part in sample_rows(config, 1, prefix)] for prefix in config.model.prefixes}
    flops = {prefix: flops_of(model, *rows) for prefix, rows in sample.items()}
    products, contenders = [product(size) for size in SIZES], scorers(config, flops)
    peaks, shares = [], {prefix: [] for prefix in contenders}
    for _ in range(rounds):
        peaks.append(max(rate(one) for one in products))
        for prefix, contender in contenders.items():
            shares[prefix].append(rate(contender) / peaks[-1])
    plan = json.loads((RESULTS / "causes.json").read_text(encoding="utf-8"))["shipped"]["rowsByPrefix"]
    result = {
        "command": f"python bench/efficiency.py --rounds {rounds}",
        "megaflopsARow": {str(prefix): round(count / 1e6, 2) for prefix, count in flops.items()},
        "megaflopsOfTheProposer": round(flops_of(Proposer(config).eval(), sample[config.positions][0]) / 1e6, 2),
        "peakGigaflopsASecond": round(statistics.median(peaks) / 1e9, 1),
        "shareOfPeak": {str(prefix): round(statistics.median(found), 3) for prefix, found in shares.items()},
        "gigaflopsAnImage": {
            "shipped plan": round(sum(flops[int(prefix)] * rows for prefix, rows in plan.items()) / 1e9, 3),
            "16 orders, all classes": round(16 * len(config.classes) * flops[config.positions] / 1e9, 2),
        },
    }
    text = json.dumps(result, indent=2) + "\n"
    (RESULTS / "efficiency.json").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
