"""Time an image against the numbers of classes, orders and tokens, all rows read, with random weights of a fixed seed.

    python bench/growth.py [--repeats 5]

Needs the packages of training/requirements.txt. ONNX Runtime, one session of one thread, full tiles of 16 rows. The
result is written to bench/results/growth.json.
"""

import argparse
import dataclasses
import json
import math
import statistics
import sys
import tempfile
import time
from pathlib import Path

import onnxruntime
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "training"))

from ordo_training.config import Config, load_config
from ordo_training.export import export_graph, run_rows, sample_rows, session
from ordo_training.graphs import ScoreGraph
from ordo_training.model import AnyOrder

TILE = 16
CLASSES = (10, 43, 100, 300, 1000)
ORDERS = (1, 4, 16, 64)
SIDES = (8, 12, 16)


def sized(config: Config, classes: int, side: int) -> Config:
    """The configuration with so many classes and a grid of side x side tokens."""
    scale = side // 4
    image = dataclasses.replace(config.image, width=16 * scale, height=16 * scale)
    return dataclasses.replace(config, classes=tuple(str(name) for name in range(classes)), image=image)


def scorer_of(config: Config) -> onnxruntime.InferenceSession:
    """A session of one thread with a model of random weights."""
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "score.onnx"
        rows = sample_rows(config, 3, config.positions - 3)
        names = ["tokens", "order", "class"]
        export_graph(ScoreGraph(AnyOrder(config).eval()), rows, names, "log_likelihood", config.positions, path)
        return session(path)


def measured(scorer: onnxruntime.InferenceSession, config: Config, orders: int, repeats: int) -> dict:
    """The median time of all rows of an image, in full tiles."""
    classes = len(config.classes)
    tiles = math.ceil(orders * classes / TILE)
    batch = [part.numpy() for part in sample_rows(config, TILE, config.positions)]
    spent = []
    run_rows(scorer, batch)
    for _ in range(repeats):
        started = time.perf_counter()
        for _ in range(tiles):
            run_rows(scorer, batch)
        spent.append(time.perf_counter() - started)
    seconds = statistics.median(spent)
    return {"classes": classes, "orders": orders, "tokens": config.positions, "imageSeconds": round(seconds, 4),
            "rowMilliseconds": round(1000 * seconds / (tiles * TILE), 4)}


def main() -> None:
    """Measures and writes the result."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    base = load_config(ROOT / "training" / "configs" / "traffic-signs.toml")
    sizes = {"classes": [sized(base, classes, 8) for classes in CLASSES],
             "tokens": [sized(base, 43, side) for side in SIDES]}
    found = {name: [measured(scorer_of(config), config, 1, repeats) for config in configs]
             for name, configs in sizes.items()}
    shipped = sized(base, 43, 8)
    scorer = scorer_of(shipped)
    found["orders"] = [measured(scorer, shipped, orders, repeats) for orders in ORDERS]
    result = {"command": f"python bench/growth.py --repeats {repeats}", "tileRows": TILE, **found}
    text = json.dumps(result, indent=2) + "\n"
    (ROOT / "bench" / "results" / "growth.json").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
