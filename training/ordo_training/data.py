"""Labelled images on disk: the table, the pixels, and the split by track."""

import argparse
import csv
import posixpath
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .config import Config, add_config, config_of
from .images import ImageError, read_image

COLUMNS = ("path", "class_id", "track")
LARGEST = 20 * 2**20
"""Bytes of the largest image file that Ordo takes unless its pipeline says otherwise."""
WATCHED = 500
"""Rows of the table that figures are made of, about."""


@dataclass(frozen=True)
class Row:
    """One labelled image. Frames of one track show the same object and are never split apart."""

    path: str
    class_id: int
    track: str


def read_table(path: str | Path) -> list[Row]:
    """Reads a CSV with the columns path, class_id and track; without track, each image is a track of its own.

    Ends the program where there is no such table.
    """
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            return _rows(csv.DictReader(file, skipinitialspace=True), path)
    except UnicodeDecodeError:
        sys.exit(f"{path}: this is no text in UTF-8: save it as UTF-8")
    except (OSError, csv.Error) as error:
        sys.exit(f"{path}: {getattr(error, 'strerror', None) or error}")


def _rows(lines: csv.DictReader, path: str | Path) -> list[Row]:
    """The rows of a table; ends the program where columns are missing or a file is named twice."""
    absent = {"path", "class_id"} - set(lines.fieldnames or [])
    if absent:
        sys.exit(f"{path}: no column {' and no column '.join(sorted(absent))} among {lines.fieldnames}; "
                 "columns are parted by commas")
    rows, named = [], {}
    for line in lines:
        row, number = _row(line, f"{path}, line {lines.line_num}"), lines.line_num
        before = named.setdefault(posixpath.normpath(row.path), number)
        if before != number:
            sys.exit(f"{path}: {row.path} is named on line {before} and again on line {number}")
        rows.append(row)
    return rows


def _row(line: dict[str, str], where: str) -> Row:
    """A row from the columns of a line; ends the program where they say nothing of use."""
    name, class_id = line["path"], (line["class_id"] or "").strip()
    if not name or not class_id.isdecimal():
        sys.exit(f"{where}: a path and a class_id, a whole number, are needed")
    return Row(name, int(class_id), line.get("track") or name)


def write_table(path: str | Path, rows: list[Row]) -> None:
    """Writes rows as a CSV that `read_table` reads."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((r.path, r.class_id, r.track) for r in rows)


def load_images(images: str | Path, rows: list[Row], config: Config) -> tuple[np.ndarray, np.ndarray]:
    """All pixels of a table, uint8 [rows, height, width, 3], and the class ids, int64 [rows]; raises ImageError."""
    pixels = np.empty((len(rows), config.image.height, config.image.width, 3), dtype=np.uint8)
    for index, row in enumerate(rows):
        pixels[index] = read_image(Path(images) / row.path, config)
    return pixels, np.array([row.class_id for row in rows], dtype=np.int64)


def unreadable(images: str | Path, rows: list[Row], config: Config) -> list[str]:
    """Decodes every image of a table: what is wrong with those that cannot be read, one sentence each."""

    def problem(row: Row) -> str | None:
        try:
            read_image(Path(images) / row.path, config)
        except ImageError as error:
            return str(error)
        return None

    with ThreadPoolExecutor() as pool:
        return [found for found in pool.map(problem, rows) if found]


def require_images(images: str | Path, table: str | Path, config: Config) -> None:
    """Ends the program with a list of all images of a table that cannot be read; names those that are too large."""
    rows = read_table(table)
    if found := unreadable(images, rows, config):
        sys.exit("\n".join([f"{table}: {len(found)} of its images cannot be read", *found]))
    if large := [row.path for row in rows if (Path(images) / row.path).stat().st_size > LARGEST]:
        print(f"Ordo refuses files above {LARGEST // 2**20} MiB unless images.maxBytes of the pipeline allows more; "
              f"above that are {', '.join(large)}")


def spread(rows: list[Row], count: int) -> list[Row]:
    """`count` rows at even distances: of a table that is sorted by track or class, spread over them."""
    return [rows[i] for i in np.linspace(0, len(rows) - 1, min(count, len(rows))).round().astype(int)]


def split_by_track(rows: list[Row], seed: int, validate: int, calibrate: int) -> dict[str, list[Row]]:
    """Deals whole tracks to validate, calibrate and train: the sorted track names, shuffled by the seed."""
    tracks = sorted({row.track for row in rows})
    dealt = [tracks[i] for i in np.random.default_rng(seed).permutation(len(tracks))]
    kept = {"validate": set(dealt[:validate]), "calibrate": set(dealt[validate:validate + calibrate]),
            "train": set(dealt[validate + calibrate:])}
    return {name: [row for row in rows if row.track in members] for name, members in kept.items()}


def with_every_class(parts: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """The parts as they are, but that a class without a track to train on gets one back from the others.

    It is the one of the smallest name. Where nothing is left to train on at all, nothing is given back.
    """
    others = [row for name in ("validate", "calibrate") for row in parts[name]]
    trained, back = {row.class_id for row in parts["train"]}, set()
    for class_id in sorted({row.class_id for row in others}) if trained else ():
        if class_id not in trained:
            track = min(row.track for row in others if row.class_id == class_id)
            back.add(track)
            trained |= {row.class_id for row in others if row.track == track}
    kept = {name: [row for row in parts[name] if row.track not in back] for name in ("validate", "calibrate")}
    return {**parts, **kept, "train": [*parts["train"], *(row for row in others if row.track in back)]}


def leave_out(parts: dict[str, list[Row]], classes: set[int]) -> dict[str, list[Row]]:
    """The parts without some classes, and all images of these as a part of their own, `left-out`."""
    kept = {name: [row for row in rows if row.class_id not in classes] for name, rows in parts.items()}
    return {**kept, "left-out": [row for rows in parts.values() for row in rows if row.class_id in classes]}


def mixed_track(rows: list[Row]) -> str | None:
    """A track that has images of two classes, if there is one."""
    classes: dict[str, int] = {}
    return next((row.track for row in rows if classes.setdefault(row.track, row.class_id) != row.class_id), None)


def require_pure_tracks(rows: list[Row], config: Config, table: str | Path) -> None:
    """Ends the program where tracks guide the tokenizer and one has images of two classes."""
    if config.tokenizer_training.guided_by == "tracks" and (track := mixed_track(rows)) is not None:
        sys.exit(f"{table}: track {track} has images of two classes, and frames of one track shall be alike "
                 '(tokenizer_training.guided_by = "tracks"): name tracks with their class')


def objections(parts: dict[str, list[Row]], config: Config, left_out: set[int]) -> list[str]:
    """Why nothing good can come of a split, one sentence each."""
    ids = {row.class_id for rows in parts.values() for row in rows}
    absent = set(range(len(config.classes))) - {row.class_id for row in parts["train"]} - left_out
    empty = [name for name in ("train", "calibrate", "validate") if not parts[name]]
    found = [f"class_id {class_id} is not 0 to {len(config.classes) - 1}, the classes of the configuration"
             for class_id in sorted(ids) if not 0 <= class_id < len(config.classes)]
    found += [f"no image is left for {name}: change split.validate_tracks and split.calibrate_tracks" for name in empty]
    held = len(parts["calibrate"]) + len(parts["validate"])
    if not empty and len(parts["train"]) < held:
        found.append(f"{len(parts['train'])} images are left for train and {held} for calibrate and validate: lower "
                     "split.validate_tracks and split.calibrate_tracks")
    found += [f"class {class_id} ({config.classes[class_id]}) has no image to train on: leave it out of the "
              "configuration, add tracks or take another split.seed" for class_id in sorted(absent) if not empty]
    return found


def seen(part: str, rows: list[Row], config: Config, wanted: set[int]) -> str:
    """One line on a part: its images, tracks and classes, and the names of the wanted classes that it has not."""
    found = {row.class_id for row in rows}
    absent = [name for class_id, name in enumerate(config.classes) if class_id in wanted - found]
    line = f"{part}: {len(rows)} images, {len({row.track for row in rows})} tracks, {len(found)} classes"
    return f"{line}; no image of {', '.join(absent)}" if absent else line


def main(words: Sequence[str] | None = None) -> None:
    """Writes train.csv, calibrate.csv and validate.csv, and the last two thinned, as validate-every-N.csv say."""
    parser = argparse.ArgumentParser(description="Split a table of labelled images by track.")
    add_config(parser)
    parser.add_argument("--labels", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--every", type=int,
                        help=f"thin two tables to every N-th row (default: that of validation to about {WATCHED})")
    parser.add_argument("--without", help="class ids, 5,12 say, that go to left-out.csv and no other table")
    arguments = parser.parse_args(words)
    config, out = config_of(arguments), Path(arguments.out)
    out.mkdir(parents=True, exist_ok=True)
    split = config.split
    rows = read_table(arguments.labels)
    require_pure_tracks(rows, config, arguments.labels)
    parts = split_by_track(rows, split.seed, split.validate_tracks, split.calibrate_tracks)
    without = set(map(int, arguments.without.split(","))) if arguments.without else set()
    if without:
        parts = leave_out(parts, without)
    parts = with_every_class(parts)
    if found := objections(parts, config, without):
        sys.exit(f"{arguments.labels}: " + "; ".join(found))
    every = arguments.every or max(1, len(parts["validate"]) // WATCHED)
    parts |= {f"{name}-every-{every}": parts[name][::every] for name in ("validate", "calibrate")}
    for name, rows in parts.items():
        write_table(out / f"{name}.csv", rows)
        print(seen(name, rows, config, without if name == "left-out" else set(range(len(config.classes))) - without))


if __name__ == "__main__":
    main()
