"""Copies the first images of a table into a folder, with a table of their own: files for tests to read."""

import argparse
import shutil
from pathlib import Path

from .data import Row, read_table, write_table


def main() -> None:
    """Writes 00000.png and so on, and labels.csv."""
    parser = argparse.ArgumentParser(description="Copy example images.")
    parser.add_argument("--images", required=True)
    parser.add_argument("--labels", required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()
    out = Path(arguments.out)
    out.mkdir(parents=True, exist_ok=True)
    rows = read_table(arguments.labels)[:arguments.count]
    copied = [Row(f"{index:05d}.png", row.class_id, row.track) for index, row in enumerate(rows)]
    for row, copy in zip(rows, copied, strict=True):
        shutil.copyfile(Path(arguments.images) / row.path, out / copy.path)
    write_table(out / "labels.csv", copied)


if __name__ == "__main__":
    main()
