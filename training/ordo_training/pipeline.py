"""Writes the pipeline file of a package: the embedded log, and a plan that needs no calibration."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from string import Template

from .config import Config, add_config, config_of

TEMPLATE = Path(__file__).parent.parent / "cards" / "pipeline.yaml"


def pipeline_text(config: Config, package: Path, folder: Path) -> str:
    """The file's text; the package is named relative to the folder that the file lies in.

    A pipeline's name has no dots: topics and groups are called by it.
    """
    name = os.path.relpath(package.resolve(), folder.resolve())
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        name=config.name.replace(".", "-"), model=name, prefix=config.model.prefixes[-1])


def main(words: Sequence[str] | None = None) -> None:
    """Writes the file, unless there is one: its plan may have been calibrated."""
    parser = argparse.ArgumentParser(description="Write a pipeline file.")
    add_config(parser)
    parser.add_argument("--package", required=True)
    parser.add_argument("--out", required=True, help="the YAML file to write")
    arguments = parser.parse_args(words)
    out = Path(arguments.out)
    if out.exists():
        print(f"{out} is there already and stays as it is; calibrate again if its plan was chosen for another model")
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(pipeline_text(config_of(arguments), Path(arguments.package), out.parent), encoding="utf-8")


if __name__ == "__main__":
    main()
