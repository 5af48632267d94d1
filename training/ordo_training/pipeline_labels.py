"""Ordo itself as a classifier: images labelled by `ordo classify`, under a pipeline's own plan."""

import json
import re
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from .config import Config
from .evaluate import log_softmax

ROOT = Path(__file__).parents[2]
LEAST = 1e-9  # probability that the classes have together which a label does not name


def pipeline_files(pipeline: Path) -> list[Path]:
    """The pipeline file and what its model's package says of itself: all that its labels depend on."""
    named = re.search(r"^model:\s*[\"']?(.+?)[\"']?\s*(?:#.*)?$", pipeline.read_text(encoding="utf-8"), re.MULTILINE)
    if not named:
        raise ValueError(f"{pipeline} names no model")
    package = pipeline.parent / named[1]
    return [pipeline, *(path for name in ("model", "proposer", "int8") if (path := package / f"{name}.json").exists())]


def log_posterior(label: dict, classes: int) -> np.ndarray:
    """A label's log-posteriors, nats [classes]; classes that it does not name share what those leave of 1."""
    named = {entry["id"]: max(entry["posterior"], LEAST / classes) for entry in label["top"]}
    left = max(1 - sum(named.values()), LEAST) / max(classes - len(named), 1)
    return log_softmax(np.log([named.get(class_id, left) for class_id in range(classes)]))


def labels_of(pipeline: str | Path, folder: str | Path) -> list[dict]:
    """The labels that Ordo gives the images of a folder, in the order of their names.

    Raises subprocess.CalledProcessError where Ordo refuses the pipeline or an image.
    """
    command = ["node", str(ROOT / "bin" / "ordo.js"), "classify", "--json", "--pipeline", str(pipeline), str(folder)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def classify_with_ordo(config: Config, pipeline: str | Path, pixels: np.ndarray) -> np.ndarray:
    """uint8 [B, H, W, 3] to log-posteriors, nats [B, classes], by the plan of a pipeline file; raises as labels_of."""
    with tempfile.TemporaryDirectory() as folder:
        for index, image in enumerate(pixels):
            Image.fromarray(image).save(Path(folder) / f"{index:06d}.png")
        labels = labels_of(pipeline, folder)
    return np.stack([log_posterior(label, len(config.classes)) for label in labels])
