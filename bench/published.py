"""Ordo against the published method in PyTorch: same weights, same machine, same images, one run.

    python bench/published.py --images IMAGES --labels VALIDATE.csv [--orders 20] [--rounds 5] [--limit 200]

Needs the packages of training/requirements.txt. Contenders take turns; figures are medians over the rounds:
- loop: as the published code reads: one image and one order at a time, all classes as one batch, to the end; float32.
- batched: rows of many images and orders in batches of whatever size is fastest here; float32, and bfloat16 by autocast.
- ONNX Runtime: the package's graphs in two sessions of one thread, fed with full tiles; the same rows.
- Ordo: `ordo eval` with all orders, and with the plan of the shipped pipeline.
The result is written to bench/results/published.json.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "training"))

from ordo_training.config import load_config
from ordo_training.export import run_rows, session
from ordo_training.model import AnyOrder, log_likelihood
from ordo_training.orders import random_orders
from ordo_training.restore import restore_model

PACKAGE = ROOT / "models" / "traffic-signs"
SLICE_SECONDS = 6
BATCHES = (16, 32, 64, 128, 256)
TRIAL_SECONDS = 1.5
TILE = 16


def rows_of(count: int, classes: int, positions: int, codes: int) -> tuple[torch.Tensor, ...]:
    """Rows of random tokens: what they are does not change how long they take."""
    return (torch.randint(0, codes, (count, positions)).int(), random_orders(count, positions, positions).int(),
            torch.randint(0, classes, (count,)).int())


def torch_scorer(model: AnyOrder, rows: tuple[torch.Tensor, ...], bfloat16: bool) -> Callable[[], int]:
    """Scores the rows once in PyTorch; gives how many they are."""
    tokens, order, category = (part.long() for part in rows)

    @torch.inference_mode()
    def score() -> int:
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            logits = model(tokens, order, category)
        log_likelihood(logits.float(), tokens, order).sum(1)
        return len(category)

    return score


def fastest_batch(model: AnyOrder, rows: tuple[torch.Tensor, ...], bfloat16: bool) -> tuple[int, Callable[[], int]]:
    """The batch size at which PyTorch scores most rows a second, and the scorer at it."""
    scorers = {size: torch_scorer(model, tuple(part[:size] for part in rows), bfloat16) for size in BATCHES}
    best = max(BATCHES, key=lambda size: rate(scorers[size], TRIAL_SECONDS))
    return best, scorers[best]


def onnx_scorer(path: Path, rows: tuple[torch.Tensor, ...], workers: int) -> Callable[[], int]:
    """Scores a tile in each of several sessions of one thread, side by side."""
    batch = tuple(part[:TILE].numpy() for part in rows)
    sessions = [session(path) for _ in range(workers)]
    pool = ThreadPoolExecutor(workers)

    def score() -> int:
        return TILE * len(list(pool.map(lambda one: run_rows(one, batch), sessions)))

    return score


def rate(score: Callable[[], int], seconds: float) -> float:
    """Rows a second."""
    rows, started = 0, time.perf_counter()
    while (spent := time.perf_counter() - started) < seconds:
        rows += score()
    return rows / spent


def evaluate(arguments: argparse.Namespace, *more: str) -> dict:
    """What `ordo eval` says."""
    inputs = ["--images", arguments.images, "--labels", arguments.labels, "--limit", str(arguments.limit)]
    command = ["node", str(ROOT / "bin" / "ordo.js"), "eval", *inputs, "--json", *more]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def main() -> None:
    """Runs all contenders and writes the result."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", required=True)
    parser.add_argument("--labels", required=True)
    parser.add_argument("--orders", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--limit", type=int, default=200)
    parser.add_argument("--workers", type=int, default=torch.get_num_threads())
    arguments = parser.parse_args()
    config = load_config(ROOT / "training" / "configs" / "traffic-signs.toml")
    model, classes = restore_model(config, PACKAGE), len(config.classes)
    rows = rows_of(max(BATCHES), classes, config.positions, config.codes)
    one_order = (rows[0][:1].repeat(classes, 1), rows[1][:1].repeat(classes, 1), torch.arange(classes).int())
    batches = {name: fastest_batch(model, rows, name == "bfloat16") for name in ("float32", "bfloat16")}
    contenders = {
        "loop, float32": torch_scorer(model, one_order, False),
        "loop, bfloat16": torch_scorer(model, one_order, True),
        "batched, float32": batches["float32"][1],
        "batched, bfloat16": batches["bfloat16"][1],
        "ONNX Runtime, float32": onnx_scorer(PACKAGE / "score.onnx", rows, arguments.workers),
    }
    int8 = PACKAGE / "score.int8.onnx"
    if int8.exists():
        contenders["ONNX Runtime, int8"] = onnx_scorer(int8, rows, arguments.workers)
    rates: dict[str, list[float]] = {name: [] for name in contenders}
    for score in contenders.values():
        score()
    for turn in range(arguments.rounds):
        for name in sorted(contenders, reverse=turn % 2 == 1):
            rates[name].append(rate(contenders[name], SLICE_SECONDS))
            print(f"{name}: {rates[name][-1]:.0f} rows/s", file=sys.stderr, flush=True)
    full = arguments.orders * classes
    found = {name: {"rowsPerSecond": statistics.median(values), "imagesPerSecond": statistics.median(values) / full}
             for name, values in rates.items()}
    evaluations = {"Ordo, all orders": evaluate(arguments, "--orders", str(arguments.orders)),
                   "Ordo, staged plan": evaluate(arguments)}
    for name, values in evaluations.items():
        found[name] = {key: values[key] for key in ("imagesPerSecond", "rowsMean", "accuracy", "images", "plan")}
    base = found["batched, float32"]["imagesPerSecond"]
    for values in found.values():
        values["ofBatchedFloat32"] = values["imagesPerSecond"] / base
        values["ofBatchedBfloat16"] = values["imagesPerSecond"] / found["batched, bfloat16"]["imagesPerSecond"]
    result = {
        "command": "python bench/published.py --orders {orders} --rounds {rounds} --limit {limit}".format(**vars(arguments)),
        "threads": torch.get_num_threads(), "torch": torch.__version__, "orders": arguments.orders, "classes": classes,
        "batchSizes": {name: size for name, (size, _) in batches.items()}, "contenders": found,
    }
    text = json.dumps(result, indent=2) + "\n"
    (ROOT / "bench" / "results" / "published.json").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
