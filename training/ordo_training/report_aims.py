"""The section of the report that holds what was aimed at against what was found."""

from .card import percent, points, table
from .report_pairs import paired_gain
from .report_variants import label_free, most_orders
from .sources import SCORES, Sources

MET, IN_THE_MEAN, MISSED = "yes", "in the mean alone", "no"
RIVAL = "masked autoencoder, fine-tuned"


def verdict(value: float, low: float, goal: float) -> str:
    """Whether a goal is reached by a value and by the lower end of its interval."""
    if low >= goal:
        return MET
    return IN_THE_MEAN if value >= goal else MISSED


def _accuracy(found: dict, goal: float) -> list[str]:
    """A share against a goal."""
    return [percent(found) + " %", verdict(found["accuracy"], found["interval"][0], goal)]


def _gain(found: dict) -> list[str]:
    """A gain against none: its whole interval has to be above 0."""
    low = found["interval"][0]
    return [points(found) + " points", MISSED if found["gain"] <= 0 else MET if low > 0 else IN_THE_MEAN]


def _order_rows(measured: dict) -> list[list[str]]:
    """Accuracy, and what averaging over orders gains."""
    most = max(measured["random"], key=int)
    rows = [[f"{most} orders: at least 98 %", *_accuracy(measured["random"][most]["meanLogLikelihood"], 0.98)],
            ["frames of a track together: above 99.5 %", *_accuracy(measured["fused"], 0.995)]]
    for prefix, by in measured["prefixes"].items():
        rows.append([f"{most} orders beyond one, prefix {prefix}", *_gain(by["gainOverOne"])])
    for prefix, by in measured["prefixes"].items():
        rows.append([f"{most} orders beyond the same model in raster order, prefix {prefix}",
                     *_gain(by["gainOverRaster"])])
    return rows


def _diffusion_rows(sources: Sources) -> list[list[str]]:
    """The paper's first claim, on the shipped tokens and on tokens that no class has shaped."""
    curve = sources.result("curve")
    if curve is None:
        return []
    best = max(curve["atEqualAccuracy"], key=lambda one: one["accuracy"])
    ours, goal = best["atLeastAsAccurate"], f"{100 * best['accuracy']:.1f} %"
    found = [f"{best['ratio']:.0f} times fewer", MET if best["ratio"] >= 25 else MISSED] if ours \
        else ["never as accurate", MISSED]
    rows = [["as accurate as the diffusion classifier with 25 times fewer operations", *found]]
    return rows + [[f"as accurate as it ({goal}) on tokens that no class has shaped, guided by {guide}",
                    *_accuracy(most_orders(one), best["accuracy"])] for guide, one in label_free(sources)]


def _rival_rows(sources: Sources) -> list[list[str]]:
    """The paper's second claim, the shipped plan against the self-supervised network, image by image."""
    rows = []
    clean = _paired(sources, "under-plan", "mae-finetune")
    if clean:
        rows.append([f"clean frames: within a point of the {RIVAL}", points(clean) + " points",
                     verdict(clean["gain"], clean["interval"][0], -0.01)])
    corrupted = _paired(sources, "robustness-any-order-plan", "robustness-mae-finetune")
    if corrupted:
        rows.append([f"corrupted frames: ahead of the {RIVAL}", *_gain(corrupted)])
    return rows


def _paired(sources: Sources, ours: str, theirs: str) -> dict | None:
    """The gain of one result file over another, where both are there and of the same images."""
    found = sources.result(ours), sources.result(theirs)
    return paired_gain(*found) if all(found) else None


def _unknown_rows(sources: Sources) -> list[list[str]]:
    """The best of the model's own scores against the largest posterior of each network beside it."""
    rows = []
    for found in sources.results_like("unknowns-"):
        area, score, prefix = max((by[score]["auroc"], name, prefix) for prefix, by in found["package"].items()
                                  for score, name in SCORES.items() if score != "doubt")
        for name, by in found["baselines"].items():
            theirs = by["doubt"]["auroc"]
            rows.append([f"{found['name']}: told as well as by the largest posterior of the {name}",
                         f"AUROC {area:.3f} ({score}, prefix {prefix}) against {theirs:.3f}",
                         MET if area >= theirs else MISSED])
    return rows


def aims_section(sources: Sources) -> str | None:
    """Each aim, what was found, and whether that meets it."""
    measured = sources.measured()
    if measured is None:
        return None
    rows = [*_order_rows(measured), *_diffusion_rows(sources), *_rival_rows(sources), *_unknown_rows(sources)]
    return "\n\n".join([
        "What was to be shown, and what came out; the sections below say how. A gain counts as shown where its whole "
        "interval is above 0. Of the scores for unknown images the best is named, which favours the model a "
        "little.", table(["aim", "found", "met"], rows),
        f"What of the model was chosen on these tracks, which favours it, its "
        f"[card](../models/{sources.config.name}/README.md) says; the settings of its rivals were chosen on others. "
        "How the model does on the benchmark's official test part is not known here: it was not used."])
