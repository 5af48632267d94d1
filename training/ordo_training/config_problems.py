"""What is wrong with the values of a configuration: what would fail after hours of training, or in Ordo."""

import re
from collections.abc import Sequence

MOST_RIVALS = 64
"""Wrong classes that the hybrid objective looks at, at most."""
MOST_CODES = 65_536
"""Codes of a vocabulary and places of a grid, at most: what a package's manifest allows."""


def _ascend(values: Sequence[int], last: int) -> bool:
    """Whether lengths ascend from 1 or more to at most `last`."""
    return bool(values) and list(values) == sorted(set(values)) and values[0] >= 1 and values[-1] <= last


def _of_names(config) -> dict[str, bool]:
    """Rules about names, and whether each is broken."""
    return {
        "name: 1 to 64 letters, digits, '.', '_' and '-'":
            not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", config.name),
        "version: 1 to 32 letters, digits, '.', '_' and '-'": not re.fullmatch(r"[A-Za-z0-9._-]{1,32}", config.version),
        "classes: two names or more, none of them twice or empty":
            len({name for name in config.classes if name}) < max(2, len(config.classes)),
    }


def _of_choices(config) -> dict[str, bool]:
    """Rules about settings that are one of a few words."""
    return {
        "image.fit: fill or cover": config.image.fit not in ("fill", "cover"),
        "tokenizer_training.guided_by: classes, tracks or nothing":
            config.tokenizer_training.guided_by not in ("classes", "tracks", "nothing"),
        "model.class_by: sum or norms": config.model.class_by not in ("sum", "norms"),
        "model_training.orders: random or raster": config.model_training.orders not in ("random", "raster"),
    }


def _of_tokens(config) -> dict[str, bool]:
    """Rules about the tokenizer."""
    shape, cell = config.tokenizer, config.cell
    return {
        "tokenizer.levels: one number or more, each 3 or more": min(shape.levels, default=0) < 3,
        f"tokenizer.levels: their product is {MOST_CODES} at most": config.codes > MOST_CODES,
        "tokenizer.channels: three numbers or more, each 1 or more":
            len(shape.channels) < 3 or min(shape.channels) < 1,
        "tokenizer.dilations: each 1 or more": min(shape.dilations, default=1) < 1,
        f"image: width and height are {2 * cell} or more, multiples of {cell}":
            any(side < 2 * cell or side % cell for side in (config.image.width, config.image.height)),
    }


def _of_budgets(config) -> dict[str, bool]:
    """Rules about how long and how much at a time."""
    return {f"{name}.{setting}: more than 0": getattr(section, setting) <= 0
            for name, section in (("tokenizer_training", config.tokenizer_training),
                                  ("model_training", config.model_training))
            for setting in ("minutes", "batch", "learning_rate")}


def _of_sizes(config) -> dict[str, bool]:
    """Rules about lengths and widths."""
    model, places = config.model, config.positions
    return {
        f"image: {MOST_CODES} places at most": places > MOST_CODES,
        "model.head_width: a multiple of 4 that divides model.width":
            model.head_width < 4 or bool(model.head_width % 4 or model.width % model.head_width),
        "model.class_from: 0 where the class enters by norms": model.class_by == "norms" and model.class_from != 0,
        "model.class_from: 0 to model.blocks": not 0 <= model.class_from <= model.blocks,
        f"model.prefixes: ascending, the last one {places}, the places of the grid":
            not _ascend(model.prefixes, places) or model.prefixes[-1] != places,
        f"model_training.prefixes: ascending, the last one {places}, the places of the grid":
            not _ascend(config.model_training.prefixes, places) or config.model_training.prefixes[-1] != places,
    }


def _of_objectives(config) -> dict[str, bool]:
    """Rules about the losses."""
    how, wrong = config.model_training, len(config.classes) - 1
    return {
        "model_training.hybrid: 0 or more": how.hybrid < 0,
        f"model_training.rivals: 1 or more, fewer than the classes, {MOST_RIVALS} at most":
            how.hybrid > 0 and not 1 <= how.rivals <= min(MOST_RIVALS, wrong),
    }


def problems(config) -> list[str]:
    """The rules that a configuration breaks, one sentence each."""
    rules = {**_of_names(config), **_of_choices(config), **_of_tokens(config), **_of_budgets(config),
             **_of_sizes(config), **_of_objectives(config)}
    return [text for text, broken in rules.items() if broken]
