"""Writes docs/results.md and its plots from result files; a section whose files are absent is named at the end."""

import argparse
from pathlib import Path

from .card import NAMES, accuracy_table, calibration_table, gain_table, percent, prefix_table, table, usual_orders
from .config import add_config, config_of
from .evaluate import STATISTICS
from .model import AnyOrder
from .plots import point
from .report_aims import aims_section
from .report_robustness import robustness_section
from .report_variants import class_section, fixed_order_section, tokens_section, trials_section, without_classes
from .sources import SCORES, Sources, commands, notes

BASELINES = {"cnn": "convolutional network", "vit": "vision transformer",
             "mae-probe": "masked autoencoder, linear probe", "mae-finetune": "masked autoencoder, fine-tuned"}


def orders_section(sources: Sources) -> str | None:
    """Accuracy against the number of orders, for the three statistics."""
    measured = sources.measured()
    if measured is None:
        return None
    counts = [int(count) for count in measured["random"]]
    lines = {NAMES[name]: [point(k, measured["random"][str(k)][name]) for k in counts] for name in STATISTICS}
    shown = sources.plot("accuracy-by-orders", "Accuracy by number of orders", lines, "orders K", scale="log",
                         ticks=counts)
    plan, classes = sources.result("under-plan"), len(sources.config.classes)
    return "\n\n".join([
        f"{measured['images']} held-out frames of {measured['tracks']} tracks, the whole prefix; percent, with 95 % "
        "intervals by the bootstrap over tracks.", shown, accuracy_table(measured),
        f"Of the {measured['fused']['tracks']} tracks, {percent(measured['fused'])} % get the right label from their "
        f"frames together ({max(counts)} orders, mean log-posterior).",
        f"{max(counts)} orders under all {classes} classes cost "
        f"{gflops(measured, max(counts) * classes):.1f} GFLOP an image; the shipped plan reads a small part of them "
        "([bench/README.md](../bench/README.md)).", *([_under_plan(measured, plan)] if plan else []),
        f"At {usual_orders(measured)} orders, no temperature applied:", calibration_table(measured),
        commands([measured, plan])])


def gflops(measured: dict, rows: float) -> float:
    """Billions of operations of an image: those of the encoder, and of so many rows as if all were whole."""
    return (measured["flops"]["encoder"] + rows * measured["flops"]["row"]) / 1e9


def _under_plan(measured: dict, plan: dict) -> str:
    """What Ordo itself labels under the shipped plan. ValueError where that is of another package."""
    if plan["model"] != measured["model"]:
        raise ValueError("under-plan.json is of another model than results.json: measure it again")
    return (f"Under that plan (`{plan['plan']}`) Ordo labels {percent(plan)} % of {plan['images']:,} frames of these "
            f"tracks right, by {plan['rowsMean']:.2f} rows an image, which with the encoder are "
            f"{gflops(measured, plan['rowsMean']):.1f} GFLOP where all rows are whole; NLL {plan['nll']:.3f} nats, "
            f"ECE {plan['ece']:.3f}, at the plan's temperature.")


def prefix_section(sources: Sources) -> str | None:
    """Accuracy by prefix length and number of orders."""
    measured = sources.measured()
    if measured is None:
        return None
    counts = [int(count) for count in measured["random"]]
    lines = {f"prefix {prefix}": [point(k, by[str(k)]) for k in counts] for prefix, by in measured["prefixes"].items()}
    shown = sources.plot("accuracy-by-prefix", "Accuracy by prefix length", lines, "orders K", scale="log",
                         ticks=counts)
    return "\n\n".join(["Mean log-likelihood, the first tokens of each order alone.", shown, prefix_table(measured),
                        commands([measured])])


def raster_section(sources: Sources) -> str | None:
    """Drawn orders against raster order."""
    measured = sources.measured()
    if measured is None:
        return None
    largest, by_prefix = max(measured["random"], key=int), measured["prefixes"]
    kinds = {"raster order": "raster", "one random order": "1", f"{largest} random orders": largest}
    lines = {name: [point(int(prefix), by[key]) for prefix, by in by_prefix.items()] for name, key in kinds.items()}
    shown = sources.plot("any-order-against-raster", "Random orders against raster order", lines, "prefix length",
                         ticks=[int(prefix) for prefix in by_prefix])
    return "\n\n".join([shown, f"What the mean over {largest} orders gains, in points of accuracy, paired by image:",
                        gain_table(measured), commands([measured])])


def baseline_row(name: str, found: dict) -> list[str]:
    """A row of the table of baselines; operations are those of one image."""
    minutes, steps = (sum(stage[key] for stage in found["training"]) for key in ("cpuMinutes", "steps"))
    return [*_figures(name, found), f"{found['parameters'] / 1e6:.2f}", f"{found['flopsPerImage'] / 1e9:.3f}",
            f"{minutes:.0f}", f"{steps:,}"]


def _figures(name: str, found: dict, images: int | None = None) -> list[str]:
    """The first cells of such a row."""
    return [name, f"{images or found['images']:,}", percent(found), f"{found['nll']:.3f}", f"{found['ece']:.3f}"]


def any_order_rows(sources: Sources, measured: dict) -> list[list[str]]:
    """The package in the table of baselines: at the usual number of orders and the whole prefix, and as shipped."""
    count, plan = usual_orders(measured), sources.result("under-plan")
    weights = f"{sum(weight.numel() for weight in AnyOrder(sources.config).parameters()) / 1e6:.2f}"
    figures = measured["random"][count][STATISTICS[0]]
    rows = [[*_figures(f"any-order model, {count} orders", figures, measured["images"]), weights,
             f"{gflops(measured, int(count) * len(sources.config.classes)):.3f}", "", ""]]
    if plan:
        rows.append([*_figures("any-order model, shipped plan", plan), weights,
                     f"{gflops(measured, plan['rowsMean']):.3f}", "", ""])
    return rows


def baselines_section(sources: Sources) -> str | None:
    """Discriminative baselines beside the package."""
    measured, found = sources.measured(), [sources.result(name) for name in BASELINES]
    rows = any_order_rows(sources, measured) if measured else []
    rows += [baseline_row(text, one) for text, one in zip(BASELINES.values(), found, strict=True) if one]
    head = ["classifier", "frames", "accuracy", "NLL", "ECE", "million weights", "GFLOP an image",
            "CPU minutes of training", "steps"]
    return "\n\n".join(["Frames of the same tracks, all or every ninth; the same split and augmentation, but that the "
                        "plan's proposer learned from heavier changes; percent, nats. The weights of the any-order "
                        "model are those of its transformer; how long it and its tokenizer trained, its "
                        f"[card](../models/{sources.config.name}/README.md) says. Minutes of different machines are "
                        "not the same work; steps are.", table(head, rows),
                        *_tempered(sources, found), *notes(found),
                        commands([measured, sources.result("under-plan"), *found])])


def _tempered(sources: Sources, found: list[dict | None]) -> list[str]:
    """The baselines' calibration at a temperature each, where that was measured, beside the plan, which has one."""
    named = [(text, one) for text, one in zip(BASELINES.values(), found, strict=True) if one and "tempered" in one]
    if not named:
        return []
    rows = [[text, _smoothing(one), f"{one['tempered']['temperature']:.2f}",
             *(f"{one['tempered'][key]:.4f}" for key in ("nll", "ece"))] for text, one in named]
    plan = sources.result("under-plan")
    if plan:
        rows.append(["any-order model, shipped plan", "", "the plan's", f"{plan['nll']:.4f}", f"{plan['ece']:.4f}"])
    return ["The plan has a temperature, the others are as trained, some with smoothed labels, which makes them less "
            "sure than right. At a temperature each, found on the calibrate tracks:",
            table(["classifier", "label smoothing", "temperature", "NLL", "ECE"], rows)]


def _smoothing(found: dict) -> str:
    """How much of the label the last stage of a training smoothed away."""
    return f"{found['training'][-1]['plan']['smoothing']:g}" if found["training"] else ""


def compute_section(sources: Sources) -> str | None:
    """Accuracy against floating-point operations. ValueError where the curve is of another package."""
    curve, measured = sources.result("curve"), sources.measured()
    if curve is None:
        return None
    if measured and curve.get("model", measured["model"]) != measured["model"]:
        raise ValueError("curve.json is of another model than results.json: measure it again")
    points = sorted(curve["points"], key=lambda one: one["flops"])
    methods = list(dict.fromkeys(one["method"] for one in points))
    lines = {method: [point(one["flops"], one) for one in points if one["method"] == method] for method in methods}
    shown = sources.plot("accuracy-by-flops", "Accuracy by floating-point operations", lines,
                         "floating-point operations an image", scale="log")
    rows = [[one["method"], f"`{one['plan']}`", f"{one['evaluations']:.0f}", f"{one['flops'] / 1e9:.2f}", percent(one)]
            for one in points]
    said = [f"{curve['images']} frames of {curve['tracks']} tracks, the same for all.", shown,
            *map(_at_equal_accuracy, curve["atEqualAccuracy"][-1:]), *without_classes(sources),
            _denoiser(curve["denoiser"])]
    head = ["method", "plan", "evaluations", "GFLOP an image", "accuracy"]
    return "\n\n".join([*said, table(head, rows), commands([curve])])


def _at_equal_accuracy(one: dict) -> str:
    """What a diffusion classifier's reading costs beside the cheapest reading that is at least as accurate."""
    ours = one["atLeastAsAccurate"]
    theirs = (f"The most accurate reading of the diffusion classifier, {one['accuracy'] * 100:.1f} %, takes "
              f"{one['flops'] / 1e9:.1f} GFLOP; ")
    if ours is None:
        return f"{theirs}no reading of the any-order model that was measured is as accurate."
    return f"{theirs}the {ours['method']}'s cheapest, {percent(ours)} %, takes {one['ratio']:.0f} times fewer."


def _denoiser(found: dict) -> str:
    """How the diffusion classifier's network was trained."""
    return (f"Its denoiser has {found['weights'] / 1e6:.2f} million weights and was trained for "
            f"{found['trainingCpuMinutes']:.0f} CPU minutes ({found['steps']} steps).")


def _area(figures: dict) -> str:
    """An AUROC and its interval."""
    return f"{figures['auroc']:.3f} ({figures['interval'][0]:.3f}-{figures['interval'][1]:.3f})"


def unknowns_of(found: dict) -> str:
    """One set of unknown images."""
    rows = [[f"any-order model, prefix {prefix}", *(_area(by[score]) for score in SCORES)]
            for prefix, by in found["package"].items()]
    rows += [[name, "", "", "", _area(by["doubt"])] for name, by in found["baselines"].items()]
    stored = f" The signs were stored as JPEG of quality {found['jpeg']}, as the unknown images were." \
        if found["jpeg"] else ""
    said = f"**{found['name']}**: {found['images']} images of each side at most, {found['orders']} orders.{stored}"
    return "\n\n".join([said, table(["classifier", *SCORES.values()], rows), *notes([found])])


def unknowns_section(sources: Sources) -> str | None:
    """Known images against unknown ones."""
    found = sources.results_like("unknowns-")
    if not found:
        return None
    return "\n\n".join(["AUROC: the chance that an image of no known class scores as more unusual than a sign; "
                        "0.5 is chance. The scores are defined in `training/ordo_training/unknowns.py`; "
                        "`training/README.md` says how models that have never seen some classes are trained, and "
                        "how long. "
                        "They come of several orders under every class: labels carry figures of the same names over "
                        "what their plan read, which for most images is too little for orders to disagree. Those were "
                        "not measured here.",
                        *map(unknowns_of, found), commands(found)])


def other_set_section(sources: Sources) -> str | None:
    """The same commands on CIFAR-10."""
    found = sources.result("cifar10")
    if found is None:
        return None
    return "\n\n".join([f"CIFAR-10's training photographs by `configs/cifar10.toml` and the four commands of "
                        f"`training/README.md`, with no special cases: {found['images']} images held out of training; "
                        "percent.", accuracy_table(found), calibration_table(found),
                        "By prefix length, and what the mean over "
                        f"{max(found['random'], key=int)} orders gains, in points, paired by image:",
                        prefix_table(found), gain_table(found), *notes([found]), commands([found])])


SECTIONS = {"Aims": aims_section, "Number of orders": orders_section, "Prefix length": prefix_section,
            "Any order against raster": raster_section, "Trained in raster order": fixed_order_section,
            "Where the class enters": class_section, "What guides the tokens": tokens_section,
            "Other settings": trials_section,
            "Baselines": baselines_section, "Accuracy by computing": compute_section,
            "Corrupted images": robustness_section, "Unknown images": unknowns_section,
            "Another set of images": other_set_section}


def report(sources: Sources) -> str:
    """The whole page."""
    head = (f"# Results\n\nThe model `{sources.config.name}`, version {sources.config.version}. Made by "
            "`python -m ordo_training.report` from `training/results` and the package's `results.json`; no figure is "
            "typed by hand. Paths are shortened to the names of files; names that recur are of files of that section "
            "alone, and what no command here makes, `training/README.md` does. What the model's decisions rest on is "
            "shown in [evidence maps](evidence-maps.md).")
    texts = {title: section(sources) for title, section in SECTIONS.items()}
    absent = [title for title, text in texts.items() if text is None]
    tail = [f"## Not measured yet\n\n{'; '.join(absent)}."] if absent else []
    return "\n\n".join([head, *(f"## {title}\n\n{text}" for title, text in texts.items() if text), *tail]) + "\n"


def main() -> None:
    """Writes the page and its plots."""
    parser = argparse.ArgumentParser(description="Write the page of results.")
    add_config(parser)
    parser.add_argument("--package", required=True)
    parser.add_argument("--results", default="results", help="the folder of result files")
    parser.add_argument("--out", default="../docs/results.md", help="the page; plots go to images beside it")
    arguments = parser.parse_args()
    out = Path(arguments.out)
    sources = Sources(config_of(arguments), Path(arguments.package), Path(arguments.results),
                      out.parent / "images")
    out.write_text(report(sources), encoding="utf-8")


if __name__ == "__main__":
    main()
