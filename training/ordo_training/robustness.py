"""How a classifier holds up on corrupted images: accuracy and calibration by corruption and severity.

Protocol: Hendrycks & Dietterich 2019 (arXiv 1903.12261), with accuracy in place of the error relative to AlexNet.
Each classifier reads the same frames, corrupted by the same draws.
"""

import argparse
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch

from .commands import command
from .config import Config, add_config, config_of
from .corruptions import CORRUPTIONS, SEVERITIES, corrupt
from .data import load_images, read_table, spread
from .evaluate import STATISTICS, marks, numbered, posterior, summary
from .images import ends_by_sentence
from .pipeline_labels import classify_with_ordo, pipeline_files
from .scoring import Reading, job_of, readers
from .store import Store, digest_of

Classify = Callable[[np.ndarray], np.ndarray]


@contextmanager
def package_classifier(config: Config, package: Path, orders: int, prefix: int, workers: int) -> Iterator[Classify]:
    """A package as a function from uint8 [B, H, W, 3] to log-posteriors [B, classes], by the mean log-likelihood."""
    with readers(config, package, Reading(orders, (prefix,)), workers) as read:
        yield lambda pixels: posterior(np.stack(list(read(map(job_of, pixels))))[:, :, 0], STATISTICS[0])


def module_classifier(module: torch.nn.Module) -> Classify:
    """A module from float [B, 3, H, W] in 0 to 255 to log-posteriors, as a function of uint8 [B, H, W, 3]."""
    @torch.no_grad()
    def classify(pixels: np.ndarray) -> np.ndarray:
        images = torch.from_numpy(pixels).permute(0, 3, 1, 2).float()
        return torch.cat([module(part) for part in images.split(250)]).double().numpy()
    return classify


def checkpoint_classifier(path: str | Path, config: Config) -> Classify:
    """A trained baseline as a function from uint8 [B, H, W, 3] to log-posteriors [B, classes]."""
    from baselines.classifier import load_classifier  # the baselines build on this package, not it on them
    return module_classifier(load_classifier(path, config))


def cells_of(names: list[str], severities: list[int]) -> list[tuple[str, int]]:
    """What is measured: the clean images, and every corruption at every severity."""
    return [("clean", 0), *((name, severity) for name in names for severity in severities)]


def measure(classify: Classify, pixels: np.ndarray, cells: list[tuple[str, int]], seed: int,
            store: Store) -> dict[tuple[str, int], np.ndarray]:
    """Log-posteriors [B, classes] of the images uint8 [B, H, W, 3] in each cell."""
    def made(name: str, severity: int) -> np.ndarray:
        print(f"{name} {severity}", flush=True)
        changed = [image if name == "clean" else corrupt(image, name, severity, seed, index)
                   for index, image in enumerate(pixels)]
        return classify(np.stack(changed))
    return {(name, severity): store.get(f"{name} {severity}", lambda n=name, s=severity: made(n, s))
            for name, severity in cells}


def pooled(parts: list[np.ndarray], labels: np.ndarray, tracks: np.ndarray) -> dict:
    """The summary of several cells of the same images; an interval draws a track with all its corruptions."""
    return summary(np.concatenate(parts), np.tile(labels, len(parts)), np.tile(tracks, len(parts)))


def results_of(measured: dict[tuple[str, int], np.ndarray], labels: np.ndarray, tracks: np.ndarray) -> dict:
    """Accuracy with its interval, NLL in nats and ECE: clean, by corruption and severity, by severity, over all.

    Beside them which images are right in each cell, so that classifiers can be compared image by image.
    """
    dirty = {cell: part for cell, part in measured.items() if cell[0] != "clean"}
    names, severities = list(dict.fromkeys(n for n, _ in dirty)), sorted({s for _, s in dirty})
    return {
        "clean": summary(measured["clean", 0], labels, tracks),
        "corruptions": {name: {str(s): summary(dirty[name, s], labels, tracks) for s in severities} for name in names},
        "byCorruption": {name: pooled([dirty[name, s] for s in severities], labels, tracks) for name in names},
        "bySeverity": {str(s): pooled([dirty[n, s] for n in names], labels, tracks) for s in severities},
        "mean": pooled(list(dirty.values()), labels, tracks),
        "trackOfImage": numbered(tracks),
        "rightByImage": {f"{name} {severity}": marks(part, labels) for (name, severity), part in measured.items()},
    }


@dataclass(frozen=True)
class Subject:
    """A classifier to measure: the files that tell it from others, how it is read, and what opens it."""

    files: list[Path]
    how: dict
    classify: AbstractContextManager[Classify]


def subject_of(arguments: argparse.Namespace, config: Config) -> Subject:
    """The classifier that the command line names."""
    if arguments.package:
        package, how = Path(arguments.package), {"orders": arguments.orders, "prefix": arguments.prefix}
        classify = package_classifier(config, package, arguments.orders, arguments.prefix, arguments.workers)
        return Subject([package / "model.json"], how, classify)
    if arguments.pipeline:
        file = Path(arguments.pipeline)
        classify = nullcontext(partial(classify_with_ordo, config, file))
        return Subject(pipeline_files(file), {"plan": file.name}, classify)
    return Subject([Path(arguments.checkpoint)], {}, nullcontext(checkpoint_classifier(arguments.checkpoint, config)))


def settings_of(subject: Subject, arguments: argparse.Namespace, pixels: np.ndarray) -> dict:
    """What a measurement depends on: the classifier and how it is read, the frames, the draws."""
    classifier = hashlib.sha256(b"".join(file.read_bytes() for file in subject.files))
    return {"name": arguments.name, "sha256": classifier.hexdigest(), **subject.how, "frames": len(pixels),
            "pixels": digest_of(pixels), "seed": arguments.seed}


def read_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Measure a classifier on corrupted images.")
    add_config(parser)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--package", help="a model package")
    which.add_argument("--pipeline", help="a pipeline file, under whose plan Ordo labels")
    which.add_argument("--checkpoint", help="a baseline's checkpoint")
    parser.add_argument("--orders", type=int, default=8, help="orders that a package reads")
    parser.add_argument("--prefix", type=int, default=16, help="tokens of each order that a package reads")
    parser.add_argument("--images", required=True)
    parser.add_argument("--labels", required=True, help="a table of held-out images, sorted by track")
    parser.add_argument("--frames", type=int, default=100, help="images of it, evenly spaced")
    parser.add_argument("--corruptions", nargs="+", default=list(CORRUPTIONS), choices=CORRUPTIONS)
    parser.add_argument("--severities", nargs="+", type=int, default=[1, 3, 5], choices=SEVERITIES)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--name", required=True, help="what the report calls the classifier")
    parser.add_argument("--posteriors", help="an .npz file for the log-posteriors, to go on from after an interruption")
    parser.add_argument("--out", required=True, help="the .json file to write")
    return parser.parse_args()


@ends_by_sentence
def main() -> None:
    """Writes the figures and, if asked, the log-posteriors that they came from."""
    arguments = read_arguments()
    torch.set_num_threads(1)
    config = config_of(arguments)
    rows = spread(read_table(arguments.labels), arguments.frames)
    pixels, labels = load_images(arguments.images, rows, config)
    tracks, subject = np.array([row.track for row in rows]), subject_of(arguments, config)
    settings = settings_of(subject, arguments, pixels)
    store = Store(arguments.posteriors, settings)
    with subject.classify as classify:
        measured = measure(classify, pixels, cells_of(arguments.corruptions, arguments.severities),
                           arguments.seed, store)
    results = {"command": command(), **settings, "tracks": len(set(tracks)), **results_of(measured, labels, tracks)}
    Path(arguments.out).write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(json.dumps({"clean": results["clean"], **results["bySeverity"], "mean": results["mean"]}, indent=2))


if __name__ == "__main__":
    main()
