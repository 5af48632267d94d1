"""How well a classifier's own scores tell images of its classes from images of anything else.

Scores of an image, the higher the more unusual; k runs over orders, c over classes, T is the prefix length:
- negativeLogLikelihood: -mean_k log sum_c p(c) p(tokens | c, k) / T, nats a token.
- disagreement: H(mean_k p(c | k)) - mean_k H(p(c | k)), nats: the mutual information of label and order, as in
  Houlsby et al. 2011 (arXiv 1112.5745), orders in the place of sampled parameters.
- together: the sum of the two scores' ranks among the calibration images, so that no unknown image is needed to fit.
- doubt: minus the largest log-posterior, the baseline of Hendrycks & Gimpel 2017 (arXiv 1610.02136).
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from .commands import command
from .config import Config, add_config, config_of
from .corruptions import as_jpeg
from .data import Row, load_images, read_table, spread
from .evaluate import log_mean_exp, log_softmax
from .export import package_digest
from .folders import images_in
from .images import ends_by_sentence
from .robustness import checkpoint_classifier
from .scoring import Reading, job_of, readers
from .store import Store, digest_of

SETS = ("known", "calibrate", "unknown")


def log_prior(rows: list[Row], classes: int) -> np.ndarray:
    """The logarithm of each class's share of a table, nats [classes]; a class without images is out, at -inf."""
    counts = np.bincount([row.class_id for row in rows], minlength=classes)
    with np.errstate(divide="ignore"):
        return np.log(counts / counts.sum())


def _entropy(log_p: np.ndarray) -> np.ndarray:
    """Entropy over the last axis, nats."""
    return -(np.exp(log_p) * np.where(np.isneginf(log_p), 0, log_p)).sum(-1)


def scores_of(evidence: np.ndarray, prior: np.ndarray, prefix: int) -> dict[str, np.ndarray]:
    """Scores [images] of evidence in nats [images, orders, classes], read to a prefix length."""
    joint = (evidence + prior)[..., np.isfinite(prior)]
    marginal = log_mean_exp(joint, 2) + np.log(joint.shape[2])
    single = log_softmax(joint)
    return {"negativeLogLikelihood": -marginal.mean(1) / prefix,
            "disagreement": _entropy(log_mean_exp(single, 1)) - _entropy(single).mean(1),
            "doubt": -log_softmax(joint.mean(1)).max(1)}


def rank_among(reference: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The share of the reference values below each value; equal ones count half."""
    ordered = np.sort(reference)
    return (np.searchsorted(ordered, values) + np.searchsorted(ordered, values, "right")) / (2 * len(ordered))


def with_both(scores: dict[str, dict[str, np.ndarray]]) -> dict[str, dict[str, np.ndarray]]:
    """Scores by set, with `together` added to each set."""
    names = ("negativeLogLikelihood", "disagreement")
    return {group: {**own, "together": sum(rank_among(scores["calibrate"][n], own[n]) for n in names)}
            for group, own in scores.items()}


def _drawn(count: int, draws: int, random: np.random.Generator) -> np.ndarray:
    """How often each of `count` groups is in each bootstrap sample, [draws, count]."""
    return random.multinomial(count, np.full(count, 1 / count), draws)


def _by_group(values: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Sums of the rows [images, ...] of each group."""
    names, index = np.unique(groups, return_inverse=True)
    sums = np.zeros((len(names), *values.shape[1:]))
    np.add.at(sums, index, values)
    return sums


def auroc(known: np.ndarray, unknown: np.ndarray, known_tracks: np.ndarray, unknown_tracks: np.ndarray,
          draws: int = 2000) -> dict:
    """The chance that an unknown image scores above a known one, ties as half, and its 95 % interval.

    The bootstrap draws whole tracks of both sides.
    """
    above = (unknown[:, None] > known) + 0.5 * (unknown[:, None] == known)
    wins = _by_group(_by_group(above, unknown_tracks).T, known_tracks)
    sizes = [_by_group(np.ones(len(tracks)), tracks) for tracks in (known_tracks, unknown_tracks)]
    random = np.random.default_rng(0)
    known_draws, unknown_draws = (_drawn(len(size), draws, random) for size in sizes)
    pairs = (known_draws @ sizes[0]) * (unknown_draws @ sizes[1])
    drawn = np.einsum("dk,ku,du->d", known_draws, wins, unknown_draws, optimize=True) / pairs
    return {"auroc": float(above.mean()), "interval": [float(v) for v in np.quantile(drawn, (0.025, 0.975))]}


@dataclass(frozen=True)
class Images:
    """A set of images uint8 [B, H, W, 3] and their tracks [B]."""

    pixels: np.ndarray
    tracks: np.ndarray


def compare(scores: dict[str, dict[str, np.ndarray]], sets: dict[str, Images]) -> dict:
    """AUROC of each score, by the names of scores."""
    return {name: auroc(scores["known"][name], scores["unknown"][name], sets["known"].tracks, sets["unknown"].tracks)
            for name in scores["known"]}


def package_figures(evidence: dict[str, np.ndarray], sets: dict[str, Images], prior: np.ndarray,
                    prefixes: tuple[int, ...]) -> dict:
    """AUROC by prefix length and score, of evidence by set in nats [images, orders, prefixes, classes]."""
    return {str(prefix): compare(with_both({group: scores_of(evidence[group][:, :, i], prior, prefix)
                                            for group in SETS}), sets)
            for i, prefix in enumerate(prefixes)}


def rows_of(folder: str, table: str | None) -> list[Row]:
    """The rows of a table, or every image of a folder as a track of its own."""
    if table:
        return read_table(table)
    names = [path.relative_to(folder).as_posix() for path in images_in(Path(folder))]
    return [Row(name, -1, name) for name in names]


def load_set(folder: str, table: str | None, count: int, quality: int | None, config: Config) -> Images:
    """`count` evenly spaced images of a table or folder, stored as JPEG where a quality is given."""
    rows = spread(rows_of(folder, table), count)
    pixels, _ = load_images(folder, rows, config)
    if quality is not None:
        pixels = np.stack([as_jpeg(image, quality) for image in pixels])
    return Images(pixels, np.array([row.track for row in rows]))


def measure(config: Config, package: Path, sets: dict[str, Images], orders: int, workers: int,
            store: Store) -> dict[str, np.ndarray]:
    """Evidence by set, nats [images, orders, prefixes, classes]."""
    with readers(config, package, Reading(orders, config.model.prefixes), workers) as read:
        return {name: store.get(name, lambda images=images: np.stack(list(read(map(job_of, images.pixels)))))
                for name, images in sets.items()}


def read_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Measure how known images are told from unknown ones.")
    add_config(parser)
    parser.add_argument("--package", required=True)
    parser.add_argument("--images", required=True, help="the folder of the known images")
    parser.add_argument("--labels", required=True, help="a table of held-out known images")
    parser.add_argument("--calibrate", required=True, help="a table of other known images, to rank scores among")
    parser.add_argument("--prior", required=True, help="the training table: its class shares are the prior")
    parser.add_argument("--unknown", required=True, help="a folder of images of none of the classes")
    parser.add_argument("--unknown-labels", help="a table of it; without, every image is taken")
    parser.add_argument("--jpeg", type=int, help="store known images as JPEG of this quality, as the unknown ones were")
    parser.add_argument("--count", type=int, default=300, help="images of each set, evenly spaced")
    parser.add_argument("--orders", type=int, default=8)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--baseline", action="append", default=[], help="NAME=CHECKPOINT of a supervised classifier")
    parser.add_argument("--name", required=True, help="what the report calls the unknown images")
    parser.add_argument("--evidence", help="an .npz file for the evidence, to go on from after an interruption")
    parser.add_argument("--out", required=True, help="the .json file to write")
    return parser.parse_args()


@ends_by_sentence
def main() -> None:
    """Writes AUROC of every score of the package, by prefix length, and of the baselines' doubt."""
    arguments = read_arguments()
    torch.set_num_threads(1)
    config, package, count = config_of(arguments), Path(arguments.package), arguments.count
    sets = {"known": load_set(arguments.images, arguments.labels, count, arguments.jpeg, config),
            "calibrate": load_set(arguments.images, arguments.calibrate, count, arguments.jpeg, config),
            "unknown": load_set(arguments.unknown, arguments.unknown_labels, count, None, config)}
    settings = {"name": arguments.name, "model": package_digest(package).hex(),
                "orders": arguments.orders, "images": count, "jpeg": arguments.jpeg,
                "pixels": digest_of(*(images.pixels for images in sets.values()))}
    evidence = measure(config, package, sets, arguments.orders, arguments.workers,
                       Store(arguments.evidence, settings))
    prior = log_prior(read_table(arguments.prior), len(config.classes))
    results = {"command": command(), **settings,
               "package": package_figures(evidence, sets, prior, config.model.prefixes), "baselines": {}}
    for name, path in (pair.split("=", 1) for pair in arguments.baseline):
        classify = checkpoint_classifier(path, config)
        doubts = {group: {"doubt": -classify(images.pixels).max(1)} for group, images in sets.items()}
        results["baselines"][name] = compare(doubts, sets)
    Path(arguments.out).write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
