"""The four commands from a folder of images to a pipeline: train, export, evaluate, publish."""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from . import (
    card,
    data,
    evaluate,
    export,
    golden,
    pipeline,
    quantize,
    train_model,
    train_proposer,
    train_tokenizer,
)
from .config import config_of
from .images import ends_by_sentence

TEMPLATE = Path(__file__).parent.parent / "cards" / "package.md"


class Files:
    """Where the commands leave what the next ones read."""

    def __init__(self, folder: str):
        self.folder = Path(folder)
        self.tokenizer, self.model = self.folder / "tokenizer.pt", self.folder / "model.pt"

    def table(self, part: str) -> str:
        return str(self.folder / f"{part}.csv")

    @property
    def weights(self) -> list[str]:
        return ["--tokenizer", str(self.tokenizer), "--model", str(self.model)]

    @property
    def watched(self) -> str:
        """The thinned table of validation that figures are made of."""
        found = sorted(self.folder.glob("validate-every-*.csv"))
        if not found:
            sys.exit(f"{self.folder} holds no table of validation: train there first")
        return str(found[0])

    def forget_thinned(self) -> None:
        """Removes the thinned tables of an earlier split, whose names say how many rows it had."""
        for table in self.folder.glob("*-every-*.csv"):
            table.unlink()


def deal(a: argparse.Namespace, files: Files) -> None:
    """Writes the tables of the split; where training has begun, they have to be those that it began with."""
    with tempfile.TemporaryDirectory() as dealt:
        data.main(["--config", a.config, "--labels", a.labels, "--out", dealt])
        if not files.tokenizer.exists():
            files.forget_thinned()
        for table in Path(dealt).iterdir():
            kept = files.folder / table.name
            if files.tokenizer.exists() and not (kept.exists() and kept.read_bytes() == table.read_bytes()):
                sys.exit(f"the images or their split changed since training in {a.runs} began: take another folder")
            shutil.copy(table, kept)


def train(a: argparse.Namespace, files: Files) -> None:
    """Split, tokenizer and transformer; run again after an interruption, it goes on where it stood."""
    files.folder.mkdir(parents=True, exist_ok=True)
    config, images = ["--config", a.config], ["--images", a.images]
    if not files.tokenizer.exists():
        data.require_images(a.images, a.labels, config_of(a))
    deal(a, files)
    on = [*config, *images, "--labels", files.table("train"), "--held-out", files.table("calibrate")]
    train_tokenizer.main([*on, "--out", str(files.tokenizer)])
    train_model.main([*on, "--tokenizer", str(files.tokenizer), "--out", str(files.model)])


def make_package(a: argparse.Namespace, files: Files) -> None:
    """The graphs with their parity checks, golden vectors, the int8 graph, the proposer."""
    config, images, package = ["--config", a.config], ["--images", a.images], ["--package", a.package]
    export.main([*config, *files.weights, *images, "--labels", files.table("validate"), "--out", a.package])
    golden.main([*config, *files.weights, "--out", a.package])
    quantize.main([*config, *package, *images, "--labels", files.table("calibrate"), "--held-out", files.watched])
    train_proposer.main([*config, *package, *images, "--labels", files.table("train"),
                         "--held-out", files.table("validate")])


def measure(a: argparse.Namespace, files: Files) -> None:
    """Accuracy, likelihood and calibration of the package on the validation tracks."""
    evaluate.main(["--config", a.config, "--package", a.package, "--images", a.images, "--labels", files.watched,
                   "--orders", str(a.orders)])


def publish(a: argparse.Namespace, files: Files) -> None:
    """The model card and the pipeline file."""
    card.main(["--config", a.config, *files.weights, "--template", a.template, "--package", a.package])
    pipeline.main(["--config", a.config, "--package", a.package, "--out", a.pipeline])


def parser() -> argparse.ArgumentParser:
    """The commands and their flags."""
    top = argparse.ArgumentParser(prog="python -m ordo_training", description=__doc__)
    commands = top.add_subparsers(required=True)

    def command(name: str, run, *flags: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=run.__doc__, description=run.__doc__)
        for flag in ("config", *flags, "runs"):
            made.add_argument(f"--{flag}", required=True)
        made.set_defaults(run=run)
        return made

    command("train", train, "images", "labels")
    command("export", make_package, "images", "package")
    command("evaluate", measure, "images", "package").add_argument("--orders", type=int, default=16)
    command("publish", publish, "package", "pipeline").add_argument("--template", default=str(TEMPLATE))
    return top


@ends_by_sentence
def main(words: Sequence[str] | None = None) -> None:
    """Runs one command."""
    arguments = parser().parse_args(words)
    arguments.run(arguments, Files(arguments.runs))


if __name__ == "__main__":
    main()
