"""Sections of the report on transformers and tokenizers that were trained in other ways."""

import numpy as np

from .card import percent, points, table
from .evaluate import mean_gain
from .report_pairs import right_of, tracks_of
from .sources import Sources, commands, notes


def _whole(found: dict) -> dict:
    """The figures at the whole prefix."""
    return found["prefixes"][max(found["prefixes"], key=int)]


def _orders(found: dict) -> str:
    """The largest number of orders that was read."""
    return max((key for key in _whole(found) if key.isdigit()), key=int)


def _setting(found: dict, otherwise: str) -> str:
    """What was changed of the configuration, but for the time of training, which has a column of its own."""
    return " ".join(change for change in found["changes"] if ".minutes=" not in change) or otherwise


def _right(found: dict, prefix: str, reading: str) -> np.ndarray:
    """Which images a model labelled right at a prefix length, [images] of 0 and 1."""
    return right_of(found["prefixes"][prefix]["rightByImage"][reading])


def _gain(pairs: list[tuple[dict, dict]], prefix: str) -> str:
    """How many points more often models are right than those of raster order: mean of the seeds, paired by image."""
    differences = np.mean([_right(ours, prefix, "random") - _right(theirs, prefix, "raster")
                           for ours, theirs in pairs], 0)
    return points(mean_gain(differences, tracks_of(pairs[0][0])))


def _seed_rows(seed: int, ours: dict, theirs: dict) -> list[list[str]]:
    """A row for each prefix length."""
    count = _orders(ours)
    steps = f"{ours['steps']:,} / {theirs['steps']:,}"
    return [[str(seed), f"{ours['cpuMinutes']:.0f}", steps, prefix, percent(by["1"]), percent(by[count]),
             percent(by["raster"]), percent(theirs["prefixes"][prefix]["raster"])]
            for prefix, by in ours["prefixes"].items()]


def _one_order(pairs: list[tuple[dict, dict]], prefix: str) -> str:
    """How many points more often one drawn order is right than the model of raster order; mean of the seeds."""
    gains = [ours["prefixes"][prefix]["1"]["accuracy"] - theirs["prefixes"][prefix]["raster"]["accuracy"]
             for ours, theirs in pairs]
    return f"{100 * np.mean(gains):+.1f}"


def _likelihoods(pairs: list[tuple[dict, dict]]) -> str:
    """Nats a token of the true class, seed by seed."""
    rows = [[str(seed), *(f"{nats:.3f}" for nats in (ours["natsPerToken"]["random"], ours["natsPerToken"]["raster"],
                                                     theirs["natsPerToken"]["raster"]))]
            for seed, (ours, theirs) in enumerate(pairs)]
    return table(["seed", "any order, drawn orders", "any order, read in raster order",
                  "trained and read in raster order"], rows)


def fixed_order_section(sources: Sources) -> str | None:
    """Models trained in any order against models trained in raster order, seed by seed."""
    ours, theirs = sources.results_like("variant-any-order-"), sources.results_like("variant-raster-")
    if not ours or len(ours) != len(theirs):
        return None
    count, pairs = _orders(ours[0]), list(zip(ours, theirs, strict=True))
    rows = [row for seed, pair in enumerate(pairs) for row in _seed_rows(seed, *pair)]
    head = ["seed", "minutes each", "steps, any order / raster", "prefix", "any order, 1 order",
            f"any order, {count} orders", "any order, read in raster order", "trained and read in raster order"]
    gains = [[prefix, _one_order(pairs, prefix), _gain(pairs, prefix)] for prefix in ours[0]["prefixes"]]
    return "\n\n".join([
        f"The same transformer on the same tokens for the same processor time, trained in random orders and in raster "
        f"order; {ours[0]['images']} frames of {ours[0]['tracks']} tracks, percent. How many "
        "steps fit in the time depends on the machine.", table(head, rows),
        f"By how many points one order, and the mean over {count}, are right more often than the model of raster "
        "order, over all seeds, paired by image; the interval is over tracks, for these seeds:",
        table(["prefix", "1 order", f"{count} orders"], gains),
        "Nats a token of the true class, the whole image. A model of one order has one order to learn:",
        _likelihoods(pairs), commands([*ours, *theirs])])


def _cost(found: dict, orders: int, classes: int) -> str:
    """Billions of operations of one image."""
    each, shared = found["operations"]["each"], found["operations"]["shared"]
    return f"{orders * (shared + classes * each) / 1e9:.1f}"


def class_section(sources: Sources) -> str | None:
    """The class at every block, from a later block on, or in the head alone."""
    found = sources.results_like("variant-class-from-")
    if not found:
        return None
    count = _orders(found[0])
    rows = [[_setting(one, "model.class_from=0"), f"{one['cpuMinutes']:.0f}", f"{one['steps']:,}",
             percent(_whole(one)["1"]), percent(_whole(one)[count]), f"{one['natsPerToken']['random']:.3f}",
             _cost(one, int(count), one["classes"]), _cost(one, int(count), 1000)] for one in found]
    head = ["setting", "minutes", "steps", "1 order", f"{count} orders", "nats a token",
            f"GFLOP for {found[0]['classes']} classes", "GFLOP for 1,000 classes"]
    return "\n\n".join([
        "The class enters before a block; what lies below it is the same for all classes, and operations are counted "
        "as if it were computed once (the exported graphs compute every row from the start). Equal processor time of "
        f"training, {found[0]['images']} frames, {count} orders under every class; percent.", table(head, rows),
        *notes(found), commands(found)])


def _minutes(found: dict) -> str:
    """Minutes of training, tokenizer and transformer."""
    tokenizer = found["tokenizer"]["cpuMinutes"]
    return f"{'the package' if tokenizer is None else f'{tokenizer:.0f}'} + {found['cpuMinutes']:.0f}"


def tokens_section(sources: Sources) -> str | None:
    """Tokens guided by classes, by tracks, by nothing; on grids of other sizes."""
    found = sources.results_like("variant-tokens-")
    if not found:
        return None
    count = _orders(found[0])
    rows = [[_setting(one, "as configured"), f"{one['tokenizer']['psnr']:.1f}",
             f"{one['tokenizer']['bits']:.2f}", _minutes(one), f"{one['steps']:,}",
             percent(_whole(one)["1"]), percent(_whole(one)[count]), percent(_whole(one)["raster"]),
             points(_whole(one)["gainOverOne"]), points(_whole(one)["gainOverRaster"]),
             _cost(one, int(count), one["classes"])] for one in found]
    head = ["setting", "dB", "bits", "minutes, tokenizer + transformer", "steps", "1 order", f"{count} orders",
            "raster", "gain over one order", "gain over raster", "GFLOP"]
    return "\n\n".join([
        "A tokenizer guided by nothing learns to paint the image again, one guided by tracks also what frames of one "
        "sign share. Neither sees a class: with them the classifier is generative from the pixels up. A fourth number "
        "of channels halves the grid: a quarter of the tokens, which here have more levels. How many steps fit in the "
        f"minutes depends on the machine. {found[0]['images']} frames, percent; operations of {count} orders under "
        "every class.",
        table(head, rows), "Their tokenizers were trained by `train_tokenizer` with the same `--set` and "
        "`tokenizer_training.minutes`.", commands(found)])


def _trial_row(found: dict) -> list[str]:
    """Accuracy at the shortest and the whole prefix, likelihood and cost of a setting."""
    count, shortest = _orders(found), found["prefixes"][min(found["prefixes"], key=int)]
    return [_setting(found, "as configured"), f"{found['cpuMinutes']:.0f}", f"{found['steps']:,}",
            percent(shortest["1"]), percent(shortest[count]), percent(_whole(found)["1"]),
            percent(_whole(found)[count]), f"{found['natsPerToken']['random']:.3f}",
            _cost(found, int(count), found["classes"])]


def trials_section(sources: Sources) -> str | None:
    """Settings that were tried, each beside the configured one at the same seed."""
    found = sorted(sources.results_like("variant-trial-"), key=lambda one: _setting(one, ""))
    if len(found) < 2 or _setting(found[0], ""):
        return None
    usual, count, shortest = found[0], _orders(found[0]), min(found[0]["prefixes"], key=int)
    head = ["setting", "minutes", "steps", f"1 order, prefix {shortest}", f"{count} orders, prefix {shortest}",
            "1 order", f"{count} orders", "nats a token", "GFLOP"]
    return "\n\n".join([
        f"Each trained on the package's tokens for the same processor time; {usual['images']} frames of the calibrate "
        f"tracks, percent; operations of {count} orders under every class.", table(head, list(map(_trial_row, found))),
        commands(found)])


def label_free(sources: Sources) -> list[tuple[str, dict]]:
    """Results on tokens that no class has shaped, each after what guided them; the most accurate first."""
    found = [(guide, one) for one in sources.results_like("variant-tokens-") for guide in ("nothing", "tracks")
             if f"tokenizer_training.guided_by={guide}" in [change.replace('"', "") for change in one["changes"]]]
    return sorted(found, key=lambda each: -most_orders(each[1])["accuracy"])


def most_orders(found: dict) -> dict:
    """The accuracy of the most orders that were read, over the whole image."""
    return _whole(found)[_orders(found)]


def without_classes(sources: Sources) -> list[str]:
    """What the same transformer reaches on tokens that no class has shaped, where that was measured."""
    found = label_free(sources)
    if not found:
        return []
    reached = ", and ".join(
        f"in {percent(most_orders(one))} % of {one['images']} frames where {guide} guided them, after "
        f"{one['tokenizer']['cpuMinutes'] + one['cpuMinutes']:.0f} CPU minutes" for guide, one in found)
    return ["Classes shaped the tokens that the any-order model reads; the diffusion classifier's network learns from "
            "pixels. On tokens that no class has shaped ([above](#what-guides-the-tokens)), "
            f"{_orders(found[0][1])} orders are right {reached}."]
