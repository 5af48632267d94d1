"""Labelled images on disk: the table, the pixels, and the split by track."""

import argparse
import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from .config import Config, load_config

COLUMNS = ("path", "class_id", "track")


@dataclass(frozen=True)
class Row:
    """One labelled image. Frames of one track show the same object and are never split apart."""

    path: str
    class_id: int
    track: str


def read_table(path: str | Path) -> list[Row]:
    """Reads a CSV with the columns path, class_id and track; other columns are ignored."""
    with open(path, newline="", encoding="utf-8") as file:
        return [Row(r["path"], int(r["class_id"]), r["track"]) for r in csv.DictReader(file)]


def write_table(path: str | Path, rows: list[Row]) -> None:
    """Writes rows as a CSV that `read_table` reads."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((r.path, r.class_id, r.track) for r in rows)


def read_image(path: str | Path, config: Config) -> np.ndarray:
    """The pixels of one file as uint8 [height, width, 3], brought to the model's shape."""
    size = (config.image.width, config.image.height)
    image = Image.open(path).convert("RGB")
    if image.size != size:
        image = ImageOps.fit(image, size) if config.image.fit == "cover" else image.resize(size)
    return np.asarray(image)


def load_images(images: str | Path, rows: list[Row], config: Config) -> tuple[np.ndarray, np.ndarray]:
    """All pixels of a table, uint8 [rows, height, width, 3], and the class ids, int64 [rows]."""
    pixels = np.stack([read_image(Path(images) / row.path, config) for row in rows])
    return pixels, np.array([row.class_id for row in rows], dtype=np.int64)


def split_by_track(rows: list[Row], seed: int, validate: int, calibrate: int) -> dict[str, list[Row]]:
    """Deals whole tracks to validate, calibrate and train: the sorted track names, shuffled by the seed."""
    tracks = sorted({row.track for row in rows})
    dealt = [tracks[i] for i in np.random.default_rng(seed).permutation(len(tracks))]
    kept = {"validate": set(dealt[:validate]), "calibrate": set(dealt[validate:validate + calibrate]),
            "train": set(dealt[validate + calibrate:])}
    return {name: [row for row in rows if row.track in members] for name, members in kept.items()}


def leave_out(parts: dict[str, list[Row]], classes: set[int]) -> dict[str, list[Row]]:
    """The parts without some classes, and all images of these as a part of their own, `left-out`."""
    kept = {name: [row for row in rows if row.class_id not in classes] for name, rows in parts.items()}
    return {**kept, "left-out": [row for rows in parts.values() for row in rows if row.class_id in classes]}


def main(words: Sequence[str] | None = None) -> None:
    """Writes train.csv, calibrate.csv, validate.csv and a thinned validate-every-N.csv."""
    parser = argparse.ArgumentParser(description="Split a table of labelled images by track.")
    parser.add_argument("--config", required=True)
    parser.add_argument("--labels", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--every", type=int, default=9, help="thin the validation table to every N-th row")
    parser.add_argument("--without", help="class ids, 5,12 say, that go to left-out.csv and no other table")
    arguments = parser.parse_args(words)
    config, out = load_config(arguments.config), Path(arguments.out)
    out.mkdir(parents=True, exist_ok=True)
    split = config.split
    parts = split_by_track(read_table(arguments.labels), split.seed, split.validate_tracks, split.calibrate_tracks)
    if arguments.without:
        parts = leave_out(parts, set(map(int, arguments.without.split(","))))
    parts[f"validate-every-{arguments.every}"] = parts["validate"][::arguments.every]
    for name, rows in parts.items():
        write_table(out / f"{name}.csv", rows)
        print(f"{name}: {len(rows)} images, {len({row.track for row in rows})} tracks")


if __name__ == "__main__":
    main()
