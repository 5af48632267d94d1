"""Writes a package's README.md from a template and from what was measured; no figure is typed by hand."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from string import Template

from .config import Config, add_config, config_of
from .evaluate import STATISTICS
from .runs import read_checkpoint

NAMES = {"meanLogLikelihood": "mean log-likelihood", "meanPosterior": "mean posterior",
         "logMeanExp": "log-mean-exp"}


def percent(figures: dict) -> str:
    """Accuracy and its interval."""
    low, high = figures["interval"]
    return f"{100 * figures['accuracy']:.1f} ({100 * low:.1f}-{100 * high:.1f})"


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def accuracy_table(results: dict) -> str:
    """Accuracy by number of orders and statistic."""
    rows = [[count, *(percent(by[name]) for name in STATISTICS)] for count, by in results["random"].items()]
    raster = percent(results["raster"]["1"])
    rows.append(["1, raster", raster, raster, raster])
    return table(["orders", *(NAMES[name] for name in STATISTICS)], rows)


def usual_orders(results: dict) -> str:
    """The number of orders that calibration is shown at: 8, or the most below."""
    return str(max(int(count) for count in results["random"] if int(count) <= 8))


def calibration_table(results: dict) -> str:
    """Negative log-likelihood and calibration error at the usual number of orders."""
    rows = [[NAMES[name], f"{figures['nll']:.3f}", f"{figures['ece']:.3f}"]
            for name, figures in results["random"][usual_orders(results)].items()]
    return table(["statistic", "NLL of the label, nats", "ECE, 15 bins"], rows)


def prefix_table(results: dict) -> str:
    """Accuracy by prefix length and number of orders, mean log-likelihood."""
    prefixes = results["prefixes"]
    counts = [name for name in next(iter(prefixes.values())) if name.isdigit()]
    rows = [[prefix, percent(by["raster"]), *(percent(by[count]) for count in counts)]
            for prefix, by in prefixes.items()]
    return table(["prefix", "raster", *(f"{count} orders" if count != "1" else "1 order" for count in counts)], rows)


def points(figures: dict) -> str:
    """A gain in percentage points and its interval."""
    low, high = figures["interval"]
    return f"{100 * figures['gain']:+.1f} ({100 * low:+.1f} to {100 * high:+.1f})"


def gain_table(results: dict) -> str:
    """What averaging over all orders gains over one order and over raster order, by prefix length."""
    rows = [[prefix, points(by["gainOverOne"]), points(by["gainOverRaster"])]
            for prefix, by in results["prefixes"].items()]
    return table(["prefix", "over one random order", "over raster order"], rows)


def classes_seen(results: dict, classes: int) -> str:
    """How many of the classes the images are of; results that do not say it name the number of classes alone."""
    seen = results.get("classesSeen")
    if seen is None:
        return str(classes)
    return f"all {classes}" if seen == classes else f"{seen} of the {classes}"


def stable(checks: dict) -> str:
    """One sentence a prefix length on whether a row's bits depend on the batch around it."""
    lines = []
    for prefix, found in checks["stability"].items():
        sizes = found["batchSizesEqualToFull"]
        odd = sorted(set(range(1, 65)) - set(sizes))
        all_sizes = "the same at every batch size from 1 to 64" if not odd else (
            f"other at {len(odd)} of the batch sizes 1 to 64 ({', '.join(map(str, odd[:12]))}"
            f"{', ...' if len(odd) > 12 else ''})")
        lines.append(f"- prefix {prefix}: {100 * found['sameAmongNeighbours']:.2f} % of rows bit for bit the same "
                     f"among other neighbours in a batch of 64; {all_sizes}.")
    return "\n".join(lines)


def size_of(package: Path) -> str:
    """The bytes of the graphs, one line each."""
    files = sorted(package.glob("*.onnx"))
    return table(["file", "kB"], [[path.name, f"{path.stat().st_size / 1000:.0f}"] for path in files])


def values_of(config: Config, package: Path, tokenizer: dict, model: dict) -> dict[str, str]:
    """Everything that a template may name; ends the program where the package was not checked, or changed since."""
    if not (package / "checks.json").exists():
        sys.exit(f"{package} holds no checks.json: export first")
    checks = json.loads((package / "checks.json").read_text())
    values = {
        "name": config.name, "version": config.version, "classes": str(len(config.classes)),
        "positions": str(config.positions), "codes": str(config.codes),
        "psnr": f"{tokenizer['measured']['psnr']:.1f}", "bits": f"{tokenizer['measured']['bits']:.2f}",
        "guide": f"{100 * tokenizer['measured']['accuracy']:.1f}",
        "tokenizer_steps": str(tokenizer["step"]),
        "weights": f"{sum(w.numel() for w in model['average'].values()) / 1e6:.2f}",
        "steps": str(model["step"]), "minutes": f"{model['seconds'] / 60:.0f}",
        "tokenizer_minutes": f"{tokenizer['seconds'] / 60:.0f}", "guide_weight": f"{config.tokenizer_training.guide:g}",
        "digest": checks["model"], "score_parity": f"{checks['scoreLargestDifferenceNats']:.1e}",
        "paint_parity": f"{checks['paintLargestDifference']:.1e}",
        "decoder_parity": f"{checks['decoderLargestDifference']:.1e}",
        "token_parity": f"{100 * checks['tokensEqualShare']:.3f}", "checked": str(checks["images"]),
        "stable": stable(checks), "files": size_of(package),
    }
    if (package / "results.json").exists():
        results = json.loads((package / "results.json").read_text())
        if results["model"] != checks["model"]:
            sys.exit(f"{package / 'results.json'} is of another model: run evaluate again")
        values.update(fused=percent(results["fused"]), most_orders=max(results["random"], key=int))
        values.update(seen=classes_seen(results, len(config.classes)))
        values.update(images=str(results["images"]), tracks=str(results["tracks"]),
                      accuracy=accuracy_table(results), calibration=calibration_table(results),
                      usual_orders=usual_orders(results), prefixes=prefix_table(results), gains=gain_table(results))
    return values


def filled(template: str | Path, values: dict[str, str], package: Path) -> str:
    """The text of a template; ends the program where it names what nothing was measured of."""
    try:
        return Template(Path(template).read_text(encoding="utf-8")).substitute(values)
    except KeyError as error:
        why = f", and {package} holds no results.json: run evaluate first"
        known = (package / "results.json").exists()
        sys.exit(f"{template} names ${error.args[0]}, which was not measured{'' if known else why}")
    except (OSError, ValueError) as error:
        sys.exit(f"{template}: {error}")


def main(words: Sequence[str] | None = None) -> None:
    """Fills the template of a model."""
    parser = argparse.ArgumentParser(description="Write the model card.")
    add_config(parser)
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--template", required=True)
    parser.add_argument("--package", required=True)
    arguments = parser.parse_args(words)
    package = Path(arguments.package)
    values = values_of(config_of(arguments), package, read_checkpoint(arguments.tokenizer),
                       read_checkpoint(arguments.model))
    (package / "README.md").write_text(filled(arguments.template, values, package), encoding="utf-8")


if __name__ == "__main__":
    main()
