"""The section of the report on corrupted images."""

from itertools import combinations

from .card import percent, points, table
from .plots import point
from .report_pairs import paired_gain
from .sources import Sources, commands

_CHOSEN = ("The shipped plan and its temperature were chosen on the calibrate tracks, a third of their frames "
           "corrupted by these same kinds. No other row has a temperature: in NLL and ECE the plan stands beside what "
           "was left as trained ([Baselines](#baselines) has them at one). A label names five classes; what they leave "
           "of 1 is spread evenly over the others.")


def robustness_section(sources: Sources) -> str | None:
    """Corrupted images: by severity, and by corruption over all severities."""
    found = sources.results_like("robustness-")
    if not found:
        return None
    lines = {one["name"]: [point(0, one["clean"]), *(point(int(s), by) for s, by in one["bySeverity"].items())]
             for one in found}
    severities = sorted({int(p.at) for points in lines.values() for p in points})
    shown = sources.plot("robustness-by-severity", "Accuracy by severity", lines,
                         "severity, mean over corruptions (0: clean)", ticks=severities)
    rows = [[one["name"], severity, percent(by), f"{by['nll']:.3f}", f"{by['ece']:.3f}"] for one in found
            for severity, by in {"clean": one["clean"], **one["bySeverity"], "mean": one["mean"]}.items()]
    kinds = list(dict.fromkeys(name for one in found for name in one["byCorruption"]))
    head = ["corruption", *(one["name"] for one in found)]
    by_kind = [[kind, *(percent(one["byCorruption"][kind]) if kind in one["byCorruption"] else "not measured"
                        for one in found)] for kind in kinds]
    return "\n\n".join([
        "Common corruptions, an occluding box and small signs, each at several severities; all classifiers read the "
        "same frames under the same draws. " + " ".join(_read_how(one) for one in found), shown,
        *([_CHOSEN] if any("plan" in one for one in found) else []),
        table(["classifier", "severity", "accuracy", "NLL", "ECE"], rows),
        "By corruption, over the measured severities:", table(head, by_kind), *_pairs(found), commands(found)])


def _read_how(one: dict) -> str:
    """How many frames a classifier read, and in how many orders or under which plan where it has them."""
    how = f", {one['orders']} orders at prefix {one['prefix']}" if "orders" in one else ""
    how += f", by Ordo under the plan of {one['plan']}" if "plan" in one else ""
    return f"{one['name']}: {one['frames']} frames of {one['tracks']} tracks{how}."


def _pairs(found: list[dict]) -> list[str]:
    """The classifiers against each other, image by image, where the files allow it."""
    gains = [(ours["name"], theirs["name"], paired_gain(ours, theirs)) for ours, theirs in combinations(found, 2)]
    rows = [[ours, theirs, points(gain)] for ours, theirs, gain in gains if gain]
    if not rows:
        return []
    return ["By how many points a classifier is right more often than another, over all corruptions and severities, "
            "paired by image:", table(["classifier", "against", "gain"], rows)]
