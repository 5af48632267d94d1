"""Draws a labelled set of small shapes: data for a tiny model that needs no download."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from .data import Row, write_table

SHAPES = ("circle", "ring", "square", "triangle", "cross", "stripes across", "stripes down", "diagonal")
SCALE = 8


def _draw(name: str, pen: ImageDraw.ImageDraw, x: float, y: float, r: float, ink: tuple[int, int, int]) -> None:
    """Draws one shape of radius `r` around x, y; lengths in pixels of the enlarged canvas."""
    box, thin = (x - r, y - r, x + r, y + r), max(1, int(r * 0.45))
    if name == "circle":
        pen.ellipse(box, fill=ink)
    elif name == "ring":
        pen.ellipse(box, outline=ink, width=thin)
    elif name == "square":
        pen.rectangle(box, fill=ink)
    elif name == "triangle":
        pen.polygon([(x, y - r), (x + r, y + r), (x - r, y + r)], fill=ink)
    elif name == "cross":
        pen.line((x, y - r, x, y + r), fill=ink, width=thin)
        pen.line((x - r, y, x + r, y), fill=ink, width=thin)
    elif name == "stripes across":
        for step in (-0.8, 0.0, 0.8):
            pen.line((x - r, y + step * r, x + r, y + step * r), fill=ink, width=thin)
    elif name == "stripes down":
        for step in (-0.8, 0.0, 0.8):
            pen.line((x + step * r, y - r, x + step * r, y + r), fill=ink, width=thin)
    else:
        pen.line((x - r, y - r, x + r, y + r), fill=ink, width=thin)


def draw_shape(class_id: int, size: int, random: np.random.Generator) -> np.ndarray:
    """One image, uint8 [size, size, 3]: a light or dark shape on a plain ground, with noise."""
    ground, ink = random.integers(20, 90, 3), random.integers(160, 240, 3)
    if random.random() < 0.5:
        ground, ink = ink, ground
    canvas = Image.new("RGB", (size * SCALE, size * SCALE), tuple(map(int, ground)))
    middle, radius = size * SCALE / 2, size * SCALE * random.uniform(0.3, 0.4)
    x, y = middle + random.uniform(-0.06, 0.06, 2) * size * SCALE
    _draw(SHAPES[class_id], ImageDraw.Draw(canvas), x, y, radius, tuple(map(int, ink)))
    pixels = np.asarray(canvas.resize((size, size), Image.Resampling.BOX), dtype=np.float64)
    return np.clip(pixels + random.normal(0, 6, pixels.shape), 0, 255).round().astype(np.uint8)


def draw_table(out: Path, name: str, count: int, size: int, random: np.random.Generator) -> None:
    """Writes `count` PNG files under out/name and their table out/name.csv; each image is its own track."""
    (out / name).mkdir(parents=True, exist_ok=True)
    rows = [Row(f"{name}/{i:05d}.png", i % len(SHAPES), f"{name}-{i:05d}") for i in range(count)]
    for row in rows:
        Image.fromarray(draw_shape(row.class_id, size, random)).save(out / row.path)
    write_table(out / f"{name}.csv", rows)


def main(words: Sequence[str] | None = None) -> None:
    """Draws a training and a validation set."""
    parser = argparse.ArgumentParser(description="Draw labelled shapes.")
    parser.add_argument("--out", required=True)
    parser.add_argument("--train", type=int, default=6000)
    parser.add_argument("--validate", type=int, default=400)
    parser.add_argument("--size", type=int, default=16)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args(words)
    for offset, (name, count) in enumerate((("train", arguments.train), ("validate", arguments.validate))):
        random = np.random.default_rng([arguments.seed, offset])
        draw_table(Path(arguments.out), name, count, arguments.size, random)


if __name__ == "__main__":
    main()
