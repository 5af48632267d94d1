"""A table for images that lie in one folder a class; every image counts as a track of its own."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from .data import Row, write_table

ENDINGS = {".png", ".jpg", ".jpeg", ".webp", ".bmp"}


def rows_of(images: Path) -> tuple[list[str], list[Row]]:
    """The sorted names of the folders, which are the classes, and a row for each image in them."""
    classes = sorted(path.name for path in images.iterdir() if path.is_dir())
    rows = []
    for class_id, name in enumerate(classes):
        for path in sorted((images / name).rglob("*")):
            if path.suffix.lower() in ENDINGS:
                relative = path.relative_to(images).as_posix()
                rows.append(Row(relative, class_id, relative))
    return classes, rows


def main(words: Sequence[str] | None = None) -> None:
    """Writes the table and prints the classes as a configuration wants them."""
    parser = argparse.ArgumentParser(description="Write a table of images that lie in one folder a class.")
    parser.add_argument("--images", required=True)
    parser.add_argument("--out", required=True, help="the CSV file to write")
    arguments = parser.parse_args(words)
    classes, rows = rows_of(Path(arguments.images))
    if not rows:
        parser.error(f"no images in folders under {arguments.images}")
    write_table(arguments.out, rows)
    print(f"{len(rows)} images\nclasses = {classes}".replace("'", '"'))


if __name__ == "__main__":
    main()
