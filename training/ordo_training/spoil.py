"""Writes corrupted copies of labelled images, to choose plans on frames as bad as those that come at night."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from .config import add_config, config_of
from .corruptions import CORRUPTIONS, corrupt
from .data import Row, read_table, write_table
from .images import ends_by_sentence, read_image

SEVERITIES = 5


def draw(index: int, seed: int) -> tuple[str, int]:
    """The kind and the severity, 1 to 5, of the corruption of an image; kinds take turns."""
    severity = int(np.random.default_rng([seed, index]).integers(1, SEVERITIES + 1))
    return list(CORRUPTIONS)[index % len(CORRUPTIONS)], severity


@ends_by_sentence
def main(words: Sequence[str] | None = None) -> None:
    """Writes the images as PNG and labels.csv beside them; their tracks are those of the originals."""
    parser = argparse.ArgumentParser(description="Write corrupted copies of labelled images.")
    add_config(parser)
    parser.add_argument("--images", required=True)
    parser.add_argument("--labels", required=True)
    parser.add_argument("--every", type=int, default=1, help="take every N-th image of the table")
    parser.add_argument("--seed", type=int, default=1, help="not that of robustness: else both draw the same noise")
    parser.add_argument("--out", required=True, help="the folder to write")
    arguments = parser.parse_args(words)
    config, out, rows = config_of(arguments), Path(arguments.out), []
    out.mkdir(parents=True, exist_ok=True)
    for index, row in enumerate(read_table(arguments.labels)[::arguments.every]):
        kind, severity = draw(index, arguments.seed)
        pixels = corrupt(read_image(Path(arguments.images) / row.path, config), kind, severity, arguments.seed, index)
        name = f"{index:05d}-{kind.replace(' ', '-')}-{severity}.png"
        Image.fromarray(pixels).save(out / name)
        rows.append(Row(name, row.class_id, row.track))
    write_table(out / "labels.csv", rows)
    print(f"{len(rows)} images")


if __name__ == "__main__":
    main()
