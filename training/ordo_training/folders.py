"""A table for images that lie in one folder a class; every image counts as a track of its own."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from .data import Row, write_table

ENDINGS = {".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif", ".tif", ".tiff"}  # those that Ordo reads


def images_in(folder: Path) -> list[Path]:
    """The sorted images of a folder and the folders in it, but for hidden ones."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS and path.is_file()
                  and not any(part.startswith(".") for part in path.relative_to(folder).parts))


def rows_of(images: Path) -> tuple[list[str], list[Row]]:
    """The sorted names of the folders that hold images, which are the classes, and a row for each image."""
    by_class = {folder.name: images_in(folder) for folder in sorted(images.iterdir())
                if folder.is_dir() and not folder.name.startswith(".")}
    classes = [name for name, paths in by_class.items() if paths]
    names = [(path.relative_to(images).as_posix(), class_id) for class_id, name in enumerate(classes)
             for path in by_class[name]]
    return classes, [Row(name, class_id, name) for name, class_id in names]


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
    print(f"{len(rows)} images\nclasses = {json.dumps(classes, ensure_ascii=False)}")


if __name__ == "__main__":
    main()
