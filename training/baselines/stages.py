"""The staged comparison of classes of the diffusion classifier, played on errors wherever they come from.

Li et al. 2023 (arXiv 2303.16203, algorithm 2, and the published code's eval_prob_adaptive.py).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Plan = tuple[tuple[int, int], ...]
Read = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Outcome:
    """The label of an image and how many evaluations of the denoiser it took."""

    label: int
    evaluations: int


def parse_plan(text: str) -> Plan:
    """Stages from "samples:classes kept" pairs, such as "50:5,500:1": samples and classes so far, down to one class."""
    plan = tuple(tuple(map(int, stage.split(":"))) for stage in text.split(","))
    counts, kept = zip(*plan, strict=True)
    if list(counts) != sorted(set(counts)) or list(kept) != sorted(set(kept), reverse=True) or kept[-1] != 1:
        raise ValueError(f"{text}: samples must rise from stage to stage and classes fall, to 1")
    return plan


def plan_text(plan: Plan) -> str:
    """What `parse_plan` reads."""
    return ",".join(f"{count}:{kept}" for count, kept in plan)


def thin(total: int, count: int) -> np.ndarray:
    """`count` evenly spaced of the numbers 0 to total - 1, as published: the middles of equal parts."""
    step = total // count
    return np.arange(step // 2, total, step)[:count]


def play(plan: Plan, total: int, classes: int, read: Read) -> Outcome:
    """Compares the classes still standing by their mean errors at all samples so far, stage by stage.

    `total` samples, evenly spaced in time, are there to choose from; `read` takes ids of some and of classes and gives
    errors [samples, classes]. A stage adds the samples of its own even spacing that no stage before it had: they are
    nested, and the counts those of the plan, where counts grow by odd factors.
    """
    grid, seen = thin(total, plan[-1][0]), np.array([], int)
    standing, evaluations = np.arange(classes), 0
    for count, kept in plan:
        fresh = np.setdiff1d(grid[thin(len(grid), count)], seen)
        seen = np.concatenate([seen, fresh])
        evaluations += len(fresh) * len(standing)
        errors = read(seen, standing).mean(0)
        standing = standing[errors.argsort(kind="stable")[:kept]]
    return Outcome(int(standing[0]), evaluations)
