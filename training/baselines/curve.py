"""Accuracy against floating-point operations an image: the diffusion classifier and the any-order model."""

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from ordo_training.commands import command
from ordo_training.config import Config, add_config, config_of
from ordo_training.evaluate import share_interval
from ordo_training.flops import encoder_flops, row_flops

from .denoising_errors import MEASURES
from .diffusion_classifier import replay
from .stages import parse_plan

OrderPlan = tuple[tuple[int, int, int], ...]


@dataclass(frozen=True)
class Point:
    """A way to classify: mean evaluations (of the denoiser, or rows) and operations an image, and its accuracy."""

    method: str
    plan: str
    evaluations: float
    flops: float
    accuracy: float
    interval: list[float]


def parse_order_plan(text: str) -> OrderPlan:
    """Stages from "prefix x orders:classes kept", such as "16x1:8,64x2:1": the last keeps one class."""
    stages = []
    for stage in text.split(","):
        reading, kept = stage.split(":")
        prefix, orders = reading.split("x")
        stages.append((int(prefix), int(orders), int(kept)))
    if stages[-1][2] != 1:
        raise ValueError(f"{text}: the last stage must keep one class")
    return tuple(stages)


def play_orders(plan: OrderPlan, evidence: np.ndarray, prefixes: list[int]) -> tuple[int, dict[int, int]]:
    """The label of an image from nats [orders, prefixes, classes], and the rows that were read, by prefix length.

    A stage compares the classes still standing by the mean log-likelihood over its orders at its prefix alone: evidence
    of different prefixes is not mixed. A row that was read to a shorter prefix before is counted again.
    """
    standing, rows = np.arange(evidence.shape[2]), dict.fromkeys(prefixes, 0)
    for prefix, orders, kept in plan:
        if orders > len(evidence):
            raise ValueError(f"{orders} orders were asked for and {len(evidence)} recorded")
        rows[prefix] += orders * len(standing)
        means = evidence[:orders, prefixes.index(prefix)].mean(0)[standing]
        standing = standing[(-means).argsort(kind="stable")[:kept]]
    return int(standing[0]), rows


def diffusion_point(record: dict, plan: str, measure: str) -> Point:
    """A plan replayed on recorded errors."""
    right, evaluations = replay(record, parse_plan(plan), measure)
    return Point(f"diffusion classifier, {measure}", plan, evaluations, evaluations * float(record["flops"]),
                 float(right.mean()), share_interval(right, record["tracks"]))


def order_point(config: Config, evidence: dict, plan: str) -> Point:
    """A plan replayed on recorded evidence of the any-order model; its operations include the tokens' making."""
    prefixes, stages = list(config.model.prefixes), parse_order_plan(plan)
    outcomes = [play_orders(stages, nats[:-1], prefixes) for nats in evidence["evidence"]]
    right = np.array([label for label, _ in outcomes]) == evidence["labels"]
    rows = {prefix: float(np.mean([read[prefix] for _, read in outcomes])) for prefix in prefixes}
    flops = encoder_flops(config) + sum(count * row_flops(config, prefix) for prefix, count in rows.items() if count)
    return Point("any-order model", plan, sum(rows.values()), flops, float(right.mean()),
                 share_interval(right.astype(float), evidence["tracks"]))


def calibrated_point(config: Config, path: Path, images: int) -> Point:
    """A plan with bounds as `ordo calibrate --json` reports it on the images of --validate.

    Operations are those of its tokens in whole rows, an upper bound: a token of a shorter row attends to fewer.
    """
    report = json.loads(path.read_text(encoding="utf-8"))
    staged = report["validated"]["staged"]
    if report["validated"]["images"] != images:
        raise ValueError(f"{path} is about {report['validated']['images']} images, not {images}")
    flops = encoder_flops(config) + staged["rowEquivalents"] * row_flops(config, config.positions)
    return Point("any-order model, calibrated plan", json.dumps(report["plan"]), staged["rows"], flops,
                 staged["accuracy"]["mean"], staged["accuracy"]["interval"])


def front(points: list[Point]) -> list[Point]:
    """The points that no other one reaches at less or equal cost, the cheapest first."""
    best: list[Point] = []
    for point in sorted(points, key=lambda one: (one.flops, -one.accuracy)):
        if not best or point.accuracy > best[-1].accuracy:
            best.append(point)
    return best


def ratios(theirs: list[Point], ours: list[Point]) -> list[dict]:
    """For each point of their front, the cheapest of ours that is right at least as often, and their cost over ours."""
    compared = []
    for point in front(theirs):
        match = next((one for one in front(ours) if one.accuracy >= point.accuracy), None)
        compared.append({"accuracy": point.accuracy, "method": point.method, "plan": point.plan, "flops": point.flops,
                         "atLeastAsAccurate": match and asdict(match),
                         "ratio": match and point.flops / match.flops})
    return compared


def thinned(evidence: dict, every: int) -> dict:
    """Every N-th image of an evidence file."""
    return {name: values[::every] if values.ndim else values for name, values in evidence.items()}


def check_same_images(record: dict, evidence: dict) -> None:
    """ValueError unless both are about the same rows of a table, as far as labels and tracks tell."""
    for name in ("labels", "tracks"):
        if not np.array_equal(record[name], evidence[name]):
            raise ValueError(f"the {name} of the two records differ: are they of the same images?")


def curve(config: Config, record: dict, evidence: dict, plans: list[str], order_plans: list[str],
          calibrated: list[Path]) -> dict:
    """All points, what an evaluation costs, and the ratios of compute at equal accuracy."""
    check_same_images(record, evidence)
    theirs = [diffusion_point(record, plan, measure) for measure in MEASURES for plan in plans]
    ours = [order_point(config, evidence, plan) for plan in order_plans]
    ours += [calibrated_point(config, path, len(record["labels"])) for path in calibrated]
    return {
        "model": str(evidence["model"]),
        "images": len(record["labels"]), "tracks": len(set(record["tracks"])), "classes": len(config.classes),
        "flops": {"denoiserEvaluation": int(record["flops"]), "encoder": encoder_flops(config),
                  "row": {str(prefix): row_flops(config, prefix) for prefix in config.model.prefixes}},
        "denoiser": {"weights": int(record["weights"]), "steps": int(record["steps"]),
                     "trainingCpuMinutes": float(record["trained_seconds"]) / 60,
                     "evaluationCpuMinutes": float(record["seconds"]) / 60},
        "points": [asdict(point) for point in theirs + ours],
        "atEqualAccuracy": ratios(theirs, ours),
    }


def default_order_plans(config: Config, orders: int) -> list[str]:
    """All classes at every prefix length, in 1, 2, 4 and so on up to the recorded orders."""
    counts = [2**power for power in range(orders.bit_length()) if 2**power <= orders]
    return [f"{prefix}x{count}:1" for prefix in config.model.prefixes for count in counts]


def main() -> None:
    """Writes the curve and prints the ratios."""
    parser = argparse.ArgumentParser(description="Compare accuracy by compute.")
    add_config(parser)
    parser.add_argument("--diffusion", required=True, help="an .npz file of baselines.diffusion_classifier")
    parser.add_argument("--evidence", required=True, help="an .npz file that ordo_training.evaluate --evidence wrote")
    parser.add_argument("--every", type=int, default=1, help="only every N-th image of the evidence")
    parser.add_argument("--plans", nargs="+", help="plans of the diffusion classifier (default: those recorded)")
    parser.add_argument("--order-plans", nargs="+", default=[], metavar="PREFIXxORDERS:CLASSES,...",
                        help="staged plans of the any-order model, beside all classes at each prefix length")
    parser.add_argument("--calibrated", nargs="+", default=[], type=Path,
                        help="reports of ordo calibrate --json, validated on the same images")
    parser.add_argument("--out", default="results/curve.json")
    arguments = parser.parse_args()
    config, record = config_of(arguments), dict(np.load(arguments.diffusion))
    evidence = thinned(dict(np.load(arguments.evidence)), arguments.every)
    order_plans = default_order_plans(config, evidence["evidence"].shape[1] - 1) + arguments.order_plans
    result = curve(config, record, evidence, arguments.plans or record["plans"].tolist(), order_plans,
                   arguments.calibrated)
    Path(arguments.out).parent.mkdir(parents=True, exist_ok=True)
    Path(arguments.out).write_text(json.dumps({"command": command(), **result}, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result["atEqualAccuracy"], indent=2))


if __name__ == "__main__":
    main()
