"""The configuration of one model: everything that training needs besides the images."""

import argparse
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from .config_problems import problems


@dataclass(frozen=True)
class Image:
    """The image that the model reads, in pixels, and how other shapes are brought to it."""

    width: int
    height: int
    fit: str


@dataclass(frozen=True)
class Split:
    """How many tracks are set aside, and the seed of the draw."""

    seed: int
    validate_tracks: int
    calibrate_tracks: int


@dataclass(frozen=True)
class Augmentation:
    """Half-widths of the uniform draws; angles in radians, shifts in half image widths, the rest as shares."""

    rotation: float
    scale: float
    stretch: float
    shift: float
    contrast: float
    brightness: float
    colour: float
    noise: float
    coarse: float
    blur: float
    erase: float
    flip: float


@dataclass(frozen=True)
class Tokenizer:
    """The shape of the tokenizer: FSQ levels, channels at every resolution, dilations at a quarter of the full one.

    Three numbers of channels are those at full, half and quarter resolution; each further one halves the grid again.
    """

    levels: tuple[int, ...]
    channels: tuple[int, ...]
    dilations: tuple[int, ...]
    decoder_channels: int
    decoder_blocks: int


@dataclass(frozen=True)
class TokenizerTraining:
    """How the tokenizer is trained; `guide` is the weight of the loss that says what the codes should keep.

    `guided_by` is `classes`, `tracks` (frames of one track, which need no class) or `nothing`.
    """

    minutes: float
    batch: int
    learning_rate: float
    average: float
    guided_by: str
    guide: float


@dataclass(frozen=True)
class Model:
    """The shape of the transformer and the prefix lengths that it is read at.

    By `sum`, the class is added before block `class_from`: 0 conditions all of the trunk, `blocks` the head alone.
    By `norms`, it shifts, scales and gates the normalizations of every block.
    """

    width: int
    blocks: int
    class_by: str
    class_from: int
    head_width: int
    head_hidden: int
    dropout: float
    prefixes: tuple[int, ...]


@dataclass(frozen=True)
class ModelTraining:
    """How the transformer is trained; `prefixes` are alternated, `batch` is the batch at the longest.

    `orders` is `random` or `raster`: the one that a fixed-order model is trained in. `hybrid` is the weight of
    the posterior over the true class and `rivals` wrong ones beside the likelihood; 0 is purely generative.
    """

    minutes: float
    batch: int
    learning_rate: float
    average: float
    hybrid: float
    rivals: int
    orders: str
    prefixes: tuple[int, ...]


@dataclass(frozen=True)
class Config:
    """One model: its name, version and class names, and the sections above."""

    name: str
    version: str
    classes: tuple[str, ...]
    image: Image
    split: Split
    augmentation: Augmentation
    tokenizer: Tokenizer
    tokenizer_training: TokenizerTraining
    model: Model
    model_training: ModelTraining

    @property
    def cell(self) -> int:
        """The side of a place of the token grid, pixels."""
        return 2 ** (len(self.tokenizer.channels) - 1)

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of the token grid."""
        return self.image.height // self.cell, self.image.width // self.cell

    @property
    def positions(self) -> int:
        """The number of places N of the grid."""
        return self.grid[0] * self.grid[1]

    @property
    def codes(self) -> int:
        """The size V of the vocabulary."""
        codes = 1
        for level in self.tokenizer.levels:
            codes *= level
        return codes


def _build(kind: type, values: dict):
    """A section from its table: lists become tuples, unknown and missing keys are errors."""
    sections = {"image": Image, "split": Split, "augmentation": Augmentation, "tokenizer": Tokenizer,
                "tokenizer_training": TokenizerTraining, "model": Model, "model_training": ModelTraining}
    known = {field.name for field in fields(kind)}
    if set(values) != known:
        raise ValueError(f"{kind.__name__}: expected exactly {sorted(known)}, got {sorted(values)}")
    made = {}
    for key, value in values.items():
        if isinstance(value, dict):
            value = _build(sections[key], value)
        made[key] = tuple(value) if isinstance(value, list) else value
    return kind(**made)


def load_config(path: str | Path, changes: Sequence[str] = ()) -> Config:
    """Reads a TOML file into a Config; a change, `model.blocks=4`, replaces a value that is there."""
    values = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    for change in changes:
        name, _, value = change.partition("=")
        section, _, key = name.partition(".")
        if not value or key not in values.get(section, {}):
            raise ValueError(f"{change}: no such setting, or no value")
        values[section][key] = tomllib.loads(f"value = {value}")["value"]
    config = _build(Config, values)
    if found := problems(config):
        raise ValueError(f"{path}: " + "; ".join(found))
    return config


def shape_of(config: Config, *sections: str) -> dict:
    """What weights were trained as: without it they would load into another network, or mean other classes."""
    values = asdict(config)
    return {name: values[name] for name in sections}


def training_of(config: Config, section: str) -> dict:
    """How weights are trained, by the augmentation and a section, but for how long."""
    kept = shape_of(config, "augmentation", section)
    return {**kept, section: {name: value for name, value in kept[section].items() if name != "minutes"}}


def add_config(parser: argparse.ArgumentParser) -> None:
    """The flags --config and --set, which may be given several times."""
    parser.add_argument("--config", required=True)
    parser.add_argument("--set", action="append", default=[], metavar="SECTION.KEY=VALUE",
                        help="a setting to change, its value as in TOML: model.blocks=4")


def config_of(arguments: argparse.Namespace) -> Config:
    """The configuration that --config and --set name; ends the program where it breaks a rule."""
    try:
        return load_config(arguments.config, getattr(arguments, "set", ()))
    except (OSError, ValueError) as error:
        sys.exit(str(error) if str(arguments.config) in str(error) else f"{arguments.config}: {error}")
