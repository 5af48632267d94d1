"""Measures a package as it ships: ONNX Runtime in float32, orders by the package's specification."""

import argparse
import hashlib
import json
import multiprocessing
from pathlib import Path

import numpy as np

from .config import Config, load_config
from .data import Row, read_image, read_table
from .export import run_rows, session
from .orders import order

STATISTICS = ("meanLogLikelihood", "meanPosterior", "logMeanExp")
_worker: dict = {}


def _prepare(config: Config, package: Path, images: Path, orders: int) -> None:
    """What each process keeps between images."""
    _worker.update(config=config, images=images, orders=orders, encoder=session(package / "encoder.onnx"),
                   scorer=session(package / "score.onnx"),
                   digest=hashlib.sha256((package / "model.json").read_bytes()).digest())


def _evidence(row: Row) -> np.ndarray:
    """Log-likelihoods of one image, nats [orders + 1, prefixes, classes]; the last order is raster."""
    config: Config = _worker["config"]
    data = (_worker["images"] / row.path).read_bytes()
    pixels = read_image(_worker["images"] / row.path, config)
    tokens = _worker["encoder"].run(None, {"image": pixels[None]})[0]
    image, classes = hashlib.sha256(data).digest(), len(config.classes)
    drawn = [order(_worker["digest"], image, k, config.positions) for k in range(_worker["orders"])]
    evidence = []
    for places in (*drawn, list(range(config.positions))):
        rows = (np.repeat(tokens, classes, 0), np.tile(np.array(places, np.int32), (classes, 1)),
                np.arange(classes, dtype=np.int32))
        sums = run_rows(_worker["scorer"], rows).astype(np.float64).cumsum(1)
        evidence.append([sums[:, prefix - 1] for prefix in config.model.prefixes])
    return np.array(evidence)


def measure(config: Config, package: Path, images: Path, rows: list[Row], orders: int, workers: int) -> np.ndarray:
    """Evidence of every image, float64 [images, orders + 1, prefixes, classes]."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(workers, _prepare, (config, package, images, orders)) as pool:
        measured = []
        for done, evidence in enumerate(pool.imap(_evidence, rows), 1):
            measured.append(evidence)
            if done % 50 == 0:
                print(f"{done} of {len(rows)} images", flush=True)
    return np.stack(measured)


def log_softmax(values: np.ndarray) -> np.ndarray:
    """Log-softmax over the last axis."""
    shifted = values - values.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


def log_mean_exp(values: np.ndarray, axis: int) -> np.ndarray:
    """Logarithm of the mean of the exponentials over an axis."""
    top = values.max(axis, keepdims=True)
    return (top + np.log(np.exp(values - top).mean(axis, keepdims=True))).squeeze(axis)


def posterior(evidence: np.ndarray, statistic: str) -> np.ndarray:
    """Log-posterior over the classes, even prior: nats [images, orders, classes] to [images, classes]."""
    if statistic == "meanLogLikelihood":
        return log_softmax(evidence.mean(1))
    if statistic == "meanPosterior":
        return log_mean_exp(log_softmax(evidence), 1)
    return log_softmax(log_mean_exp(evidence, 1))


def interval(values: np.ndarray, tracks: np.ndarray, draws: int = 2000) -> list[float]:
    """95 % interval of a share by the bootstrap over whole tracks.

    Where everything is right the bootstrap has no width; then the bound is that of the rule of three.
    """
    names, index = np.unique(tracks, return_inverse=True)
    if values.all():
        return [1 - 3 / len(names), 1.0]
    sums, counts = np.bincount(index, values), np.bincount(index)
    chosen = np.random.default_rng(0).integers(0, len(names), (draws, len(names)))
    means = sums[chosen].sum(1) / counts[chosen].sum(1)
    return [float(v) for v in np.quantile(means, (0.025, 0.975))]


def calibration_error(log_posterior: np.ndarray, labels: np.ndarray, bins: int = 15) -> float:
    """Expected calibration error over equal bins of the highest posterior."""
    confidence, right = np.exp(log_posterior.max(1)), log_posterior.argmax(1) == labels
    slot = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [abs(right[slot == b].mean() - confidence[slot == b].mean()) * (slot == b).mean()
            for b in range(bins) if (slot == b).any()]
    return float(sum(gaps))


def summary(log_posterior: np.ndarray, labels: np.ndarray, tracks: np.ndarray) -> dict:
    """Accuracy with its interval, negative log-likelihood of the label in nats, calibration error."""
    right = (log_posterior.argmax(1) == labels).astype(float)
    return {"accuracy": float(right.mean()), "interval": interval(right, tracks),
            "nll": float(-log_posterior[np.arange(len(labels)), labels].mean()),
            "ece": calibration_error(log_posterior, labels)}


def accuracy_gain(evidence: np.ndarray, baseline: np.ndarray, labels: np.ndarray, tracks: np.ndarray) -> dict:
    """How much more often the mean over orders is right than single readings are, paired by image.

    Both nats [images, orders, classes]; a baseline of several orders counts as the mean of them one by one.
    """
    together = (evidence.mean(1).argmax(-1) == labels).astype(float)
    gain = together - (baseline.argmax(-1) == labels[:, None]).mean(1)
    return {"gain": float(gain.mean()), "interval": interval(gain, tracks)}


def by_prefix(evidence: np.ndarray, labels: np.ndarray, tracks: np.ndarray, counts: list[int]) -> dict:
    """Figures at one prefix length, nats [images, orders + 1, classes]: by orders, raster, and what averaging gains."""
    drawn, raster = evidence[:, :-1], evidence[:, -1:]
    return {
        **{str(count): summary(posterior(drawn[:, :count], STATISTICS[0]), labels, tracks) for count in counts},
        "raster": summary(posterior(raster, STATISTICS[0]), labels, tracks),
        "gainOverOne": accuracy_gain(drawn, drawn, labels, tracks),
        "gainOverRaster": accuracy_gain(drawn, raster, labels, tracks),
    }


def results_of(evidence: np.ndarray, labels: np.ndarray, tracks: np.ndarray, config: Config) -> dict:
    """Every figure: by number of orders and statistic at full length, by prefix length, and raster order."""
    orders = evidence.shape[1] - 1
    counts = [count for count in (1, 2, 4, 8, 16, 32) if count <= orders]
    return {
        "random": {str(count): {name: summary(posterior(evidence[:, :count, -1], name), labels, tracks)
                                for name in STATISTICS} for count in counts},
        "raster": {"1": summary(posterior(evidence[:, -1:, -1], STATISTICS[0]), labels, tracks)},
        "prefixes": {str(prefix): by_prefix(evidence[:, :, i], labels, tracks, counts)
                     for i, prefix in enumerate(config.model.prefixes)},
    }


def main() -> None:
    """Writes results.json into the package folder and, if asked, the evidence that it came from."""
    parser = argparse.ArgumentParser(description="Evaluate a model package.")
    parser.add_argument("--config", required=True)
    parser.add_argument("--package", required=True)
    parser.add_argument("--images", required=True)
    parser.add_argument("--labels", required=True, help="a table of held-out images")
    parser.add_argument("--orders", type=int, default=16)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--evidence", help="an .npz file to write the evidence to")
    parser.add_argument("--measured", help="an .npz file that --evidence wrote: only the figures are made again")
    arguments = parser.parse_args()
    config, package, rows = load_config(arguments.config), Path(arguments.package), read_table(arguments.labels)
    evidence = np.load(arguments.measured)["evidence"] if arguments.measured else measure(
        config, package, Path(arguments.images), rows, arguments.orders, arguments.workers)
    labels, tracks = np.array([r.class_id for r in rows]), np.array([r.track for r in rows])
    if arguments.evidence:
        np.savez_compressed(arguments.evidence, evidence=evidence, labels=labels, tracks=tracks)
    results = {"model": hashlib.sha256((package / "model.json").read_bytes()).hexdigest(), "images": len(rows),
               "tracks": len(set(tracks)), **results_of(evidence, labels, tracks, config)}
    (package / "results.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(results["random"][max(results["random"], key=int)], indent=2))


if __name__ == "__main__":
    main()
