"""A table for images that lie in one folder a class; every image is a track of its own, with its copies."""

import argparse
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from .data import Row, write_table

ENDINGS = {".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif", ".tif", ".tiff"}  # those that Ordo reads


def files_in(folder: Path) -> list[Path]:
    """The sorted files of a folder and the folders in it, but for hidden ones."""
    return sorted(path for path in folder.rglob("*") if path.is_file()
                  and not any(part.startswith(".") for part in path.relative_to(folder).parts))


def images_in(folder: Path) -> list[Path]:
    """Those of the files of a folder that end as images do."""
    return [path for path in files_in(folder) if path.suffix.lower() in ENDINGS]


def folders_of(images: Path) -> list[Path]:
    """The sorted folders that may be classes: all but hidden ones."""
    return sorted(path for path in images.iterdir() if path.is_dir() and not path.name.startswith("."))


def rows_of(images: Path) -> tuple[list[str], list[Row]]:
    """The sorted names of the folders that hold images, which are the classes, and a row for each image.

    Files of the same bytes share a track, named by the first of them.
    """
    by_class = {folder.name: found for folder in folders_of(images) if (found := images_in(folder))}
    rows, tracks = [], {}
    for class_id, paths in enumerate(by_class.values()):
        for path in paths:
            name = path.relative_to(images).as_posix()
            digest = hashlib.sha256(path.read_bytes()).digest()
            rows.append(Row(name, class_id, tracks.setdefault(digest, name)))
    return list(by_class), rows


def left_out(images: Path) -> list[str]:
    """What of the folders is in no table: files by their endings, and the folders that gave nothing, a line each."""
    endings, empty = Counter(), []
    for folder in folders_of(images):
        found = Counter(path.suffix.lower() or "no ending" for path in files_in(folder))
        others = Counter({ending: count for ending, count in found.items() if ending not in ENDINGS})
        endings += others
        if found == others:
            empty.append(folder.name)
    counted = ", ".join(f"{count} of {ending}" for ending, count in sorted(endings.items()))
    nothing = [f"no image in {name}, which is no class" for name in empty]
    return [f"left out: {counted}", *nothing] if counted else nothing


def require_readable_names(rows: list[Row]) -> None:
    """Ends the program where a file's name cannot stand in a table, which is UTF-8."""
    for row in rows:
        try:
            row.path.encode("utf-8")
        except UnicodeEncodeError:
            sys.exit(f"{ascii(row.path)}: the name is no UTF-8: rename the file or its folder")


def main(words: Sequence[str] | None = None) -> None:
    """Writes the table and prints the classes as a configuration wants them."""
    parser = argparse.ArgumentParser(description="Write a table of images that lie in one folder a class.")
    parser.add_argument("--images", required=True)
    parser.add_argument("--out", required=True, help="the CSV file to write")
    arguments = parser.parse_args(words)
    images = Path(arguments.images)
    if not images.is_dir():
        parser.error(f"{images} is no folder")
    classes, rows = rows_of(images)
    if not rows:
        parser.error(f"no images in folders under {arguments.images}")
    require_readable_names(rows)
    write_table(arguments.out, rows)
    for line in left_out(images):
        print(line.encode("utf-8", "backslashreplace").decode("utf-8"))
    if copies := len(rows) - len({row.track for row in rows}):
        print(f"copies of other images, which share their tracks: {copies}")
    print(f"{len(rows)} images\nclasses = {json.dumps(classes, ensure_ascii=False)}")


if __name__ == "__main__":
    main()
