"""Measures a package as it ships: ONNX Runtime in float32, orders by the package's specification."""

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .commands import command
from .config import Config, add_config, config_of
from .data import Row, read_table
from .export import package_digest
from .flops import encoder_flops, row_flops
from .images import ends_by_sentence, read_image
from .scoring import Reading, readers

STATISTICS = ("meanLogLikelihood", "meanPosterior", "logMeanExp")


def measure(config: Config, package: Path, images: Path, rows: list[Row], orders: int, workers: int) -> np.ndarray:
    """Evidence of every image, nats [images, orders + 1, prefixes, classes]; the last order is raster.

    Raises ImageError.
    """
    jobs = ((read_image(images / row.path, config), hashlib.sha256((images / row.path).read_bytes()).digest())
            for row in rows)
    with readers(config, package, Reading(orders, config.model.prefixes, raster=True), workers) as read:
        measured = []
        for done, evidence in enumerate(read(jobs), 1):
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
    """95 % interval of a mean by the bootstrap over whole tracks."""
    names, index = np.unique(tracks, return_inverse=True)
    sums, counts = np.bincount(index, values), np.bincount(index)
    chosen = np.random.default_rng(0).integers(0, len(names), (draws, len(names)))
    means = sums[chosen].sum(1) / counts[chosen].sum(1)
    return [float(v) for v in np.quantile(means, (0.025, 0.975))]


def rule_of_three(tracks: np.ndarray) -> float:
    """What a share is at most, with 95 % confidence, that was seen in no track: 3 over their number."""
    return min(1.0, 3 / len(np.unique(tracks)))


def share_interval(right: np.ndarray, tracks: np.ndarray) -> list[float]:
    """95 % interval of the share of 1 among 0 and 1, by the bootstrap over whole tracks.

    Where all are alike the bootstrap has no width; then the bound is that of the rule of three.
    """
    if right.all():
        return [1 - rule_of_three(tracks), 1.0]
    return interval(right, tracks) if right.any() else [0.0, rule_of_three(tracks)]


def gain_interval(gain: np.ndarray, tracks: np.ndarray) -> list[float]:
    """95 % interval of a mean gain, by the bootstrap over whole tracks; by the rule of three where nothing differs."""
    bound = rule_of_three(tracks)
    return interval(gain, tracks) if gain.any() else [-bound, bound]


def mean_gain(gain: np.ndarray, tracks: np.ndarray) -> dict:
    """A gain that was found image by image, [images]: its mean, and that one's interval."""
    return {"gain": float(gain.mean()), "interval": gain_interval(gain, tracks)}


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
    return {"accuracy": float(right.mean()), "interval": share_interval(right, tracks),
            "nll": float(-log_posterior[np.arange(len(labels)), labels].mean()),
            "ece": calibration_error(log_posterior, labels)}


def best_temperature(log_posterior: np.ndarray, labels: np.ndarray) -> float:
    """The temperature, to 2 %, at which log-posteriors [images, classes] have the least negative log-likelihood.

    Guo et al. 2017 (arXiv 1706.04599).
    """
    def nll(temperature: float) -> float:
        return -log_softmax(log_posterior / temperature)[np.arange(len(labels)), labels].mean()
    return float(min(np.geomspace(0.1, 10, 233), key=nll))


def class_mean(log_posterior: np.ndarray, labels: np.ndarray) -> float:
    """The mean of the accuracies of the classes that there are images of, from [images, classes]."""
    right = log_posterior.argmax(1) == labels
    return float(np.mean([right[labels == label].mean() for label in np.unique(labels)]))


def marks(log_posterior: np.ndarray, labels: np.ndarray) -> str:
    """1 for each image that is labelled right, else 0, from [images, classes]."""
    return "".join("01"[right] for right in (log_posterior.argmax(1) == labels).astype(int))


def numbered(tracks: np.ndarray) -> str:
    """The track of each image as a number, for files that are to be compared image by image."""
    return " ".join(map(str, np.unique(tracks, return_inverse=True)[1]))


def by_image(log_posterior: np.ndarray, rows: list[Row]) -> dict[str, str]:
    """Which images of a table are labelled right, from [images, classes], with a digest of it and their tracks."""
    table = "\n".join(f"{row.class_id},{row.path}" for row in rows)
    return {"table": hashlib.sha256(table.encode()).hexdigest(),
            "trackOfImage": numbered(np.array([row.track for row in rows])),
            "rightByImage": marks(log_posterior, np.array([row.class_id for row in rows]))}


def accuracy_gain(evidence: np.ndarray, baseline: np.ndarray, labels: np.ndarray, tracks: np.ndarray) -> dict:
    """How much more often the mean over orders is right than single readings are, paired by image.

    Both nats [images, orders, classes]; a baseline of several orders counts as the mean of them one by one.
    """
    together = (evidence.mean(1).argmax(-1) == labels).astype(float)
    return mean_gain(together - (baseline.argmax(-1) == labels[:, None]).mean(1), tracks)


def by_prefix(evidence: np.ndarray, labels: np.ndarray, tracks: np.ndarray, counts: list[int]) -> dict:
    """Figures at one prefix length, nats [images, orders + 1, classes]: by orders, raster, and what averaging gains."""
    drawn, raster = evidence[:, :-1], evidence[:, -1:]
    return {
        **{str(count): summary(posterior(drawn[:, :count], STATISTICS[0]), labels, tracks) for count in counts},
        "raster": summary(posterior(raster, STATISTICS[0]), labels, tracks),
        "gainOverOne": accuracy_gain(drawn, drawn, labels, tracks),
        "gainOverRaster": accuracy_gain(drawn, raster, labels, tracks),
    }


def fused(log_posterior: np.ndarray, labels: np.ndarray, tracks: np.ndarray) -> dict:
    """Accuracy on whole tracks: the class whose mean log-posterior over a track's images is highest.

    Tracks of one name and two classes are two objects.
    """
    objects = [f"{track}\0{label}" for track, label in zip(tracks, labels, strict=True)]
    names, first, index = np.unique(objects, return_index=True, return_inverse=True)
    sums = np.zeros((len(names), log_posterior.shape[1]))
    np.add.at(sums, index, log_posterior)
    right = (sums.argmax(1) == labels[first]).astype(float)
    return {"tracks": len(names), "accuracy": float(right.mean()), "interval": share_interval(right, names)}


def order_counts(orders: int) -> list[int]:
    """The numbers of orders that are reported: powers of two, and all that were read."""
    return sorted({count for count in (1, 2, 4, 8, 16, 32) if count < orders} | {orders})


def measured_before(path: str, digest: str, labels: np.ndarray, tracks: np.ndarray) -> np.ndarray:
    """Evidence as --evidence keeps it; ends the program where that is of another model or other images."""
    with np.load(path) as kept:
        for name, value in (("model", digest), ("labels", labels), ("tracks", tracks)):
            if not np.array_equal(kept[name], value):
                sys.exit(f"{path} is of another {'model' if name == 'model' else 'table of images'}")
        return kept["evidence"]


def results_of(evidence: np.ndarray, labels: np.ndarray, tracks: np.ndarray, config: Config) -> dict:
    """Every figure: by number of orders and statistic at full length, by prefix length, and raster order.

    `accuracyByClassMean` is by the mean log-likelihood of all orders at full length.
    """
    orders = evidence.shape[1] - 1
    counts, best = order_counts(orders), posterior(evidence[:, :-1, -1], STATISTICS[0])
    return {
        "classesSeen": len(np.unique(labels)),
        "accuracyByClassMean": class_mean(best, labels),
        "random": {str(count): {name: summary(posterior(evidence[:, :count, -1], name), labels, tracks)
                                for name in STATISTICS} for count in counts},
        "fused": fused(best, labels, tracks),
        "raster": {"1": summary(posterior(evidence[:, -1:, -1], STATISTICS[0]), labels, tracks)},
        "prefixes": {str(prefix): by_prefix(evidence[:, :, i], labels, tracks, counts)
                     for i, prefix in enumerate(config.model.prefixes)},
    }


@ends_by_sentence
def main(words: Sequence[str] | None = None) -> None:
    """Writes the figures and, if asked, the evidence that they came from."""
    parser = argparse.ArgumentParser(description="Evaluate a model package.")
    add_config(parser)
    parser.add_argument("--package", required=True)
    parser.add_argument("--images", required=True)
    parser.add_argument("--labels", required=True, help="a table of held-out images")
    parser.add_argument("--orders", type=int, default=16)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", help="the .json file to write; without it results.json of the package")
    parser.add_argument("--evidence", help="an .npz file to write the evidence to")
    parser.add_argument("--measured", help="an .npz file that --evidence wrote: only the figures are made again")
    arguments = parser.parse_args(words)
    config, package, rows = config_of(arguments), Path(arguments.package), read_table(arguments.labels)
    labels, tracks = np.array([r.class_id for r in rows]), np.array([r.track for r in rows])
    digest = package_digest(package).hex()
    evidence = measured_before(arguments.measured, digest, labels, tracks) if arguments.measured else measure(
        config, package, Path(arguments.images), rows, arguments.orders, arguments.workers)
    if arguments.evidence:
        np.savez_compressed(arguments.evidence, evidence=evidence, labels=labels, tracks=tracks, model=digest)
    results = {"command": command(), "model": digest, "images": len(rows), "tracks": len(set(tracks)),
               "flops": {"encoder": encoder_flops(config), "row": row_flops(config, config.positions)},
               **results_of(evidence, labels, tracks, config)}
    Path(arguments.out or package / "results.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(results["random"][max(results["random"], key=int)], indent=2))


if __name__ == "__main__":
    main()
