"""Measures a transformer that was trained with other settings: accuracy by orders, likelihood, operations."""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from ordo_training.commands import command
from ordo_training.config import Config, add_config, config_of
from ordo_training.data import load_images, read_table
from ordo_training.evaluate import by_prefix, marks, numbered, order_counts
from ordo_training.flops import flops
from ordo_training.images import ends_by_sentence
from ordo_training.model import AnyOrder, log_likelihood
from ordo_training.orders import order
from ordo_training.runs import read_checkpoint
from ordo_training.train_model import load_model, tokens_of
from ordo_training.train_tokenizer import load_tokenizer, reconstruction

MODEL = bytes(32)


def operations(config: Config) -> dict[str, int]:
    """Operations of one order over the whole image: once for all classes (`shared`), and for each class (`each`)."""
    model = AnyOrder(config).eval()
    places = torch.arange(config.positions)[None]
    row = (torch.zeros_like(places), places, torch.zeros(1, dtype=torch.int64))
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model(*row)
    block = sum(counter.get_flop_counts()["AnyOrder.blocks.0"].values())
    shared = block * config.model.class_from
    return {"shared": shared, "each": flops(model, *row) - shared}


@torch.no_grad()
def evidence_of(model: AnyOrder, tokens: torch.Tensor, orders: torch.Tensor, config: Config) -> np.ndarray:
    """log p of one image's tokens [N] in every order [orders, N] to every prefix length under every class.

    Nats, [orders, prefixes, classes].
    """
    classes, ends, found = len(config.classes), torch.tensor(config.model.prefixes) - 1, []
    for places in orders:
        rows, order_of_rows = tokens.expand(classes, -1), places.expand(classes, -1)
        values = log_likelihood(model(rows, order_of_rows, torch.arange(classes)), rows, order_of_rows)
        found.append(values.double().cumsum(1)[:, ends].T)
    return torch.stack(found).numpy()


def orders_of(image: bytes, count: int, positions: int) -> torch.Tensor:
    """The first orders of an image, the same for every model, and raster order, int64 [count + 1, N]."""
    digest = hashlib.sha256(image).digest()
    return torch.tensor([*(order(MODEL, digest, k, positions) for k in range(count)), list(range(positions))])


def figures_at(evidence: np.ndarray, labels: np.ndarray, tracks: np.ndarray) -> dict:
    """Accuracies at one prefix length, from nats [images, orders + 1, classes]."""
    drawn, raster = evidence[:, :-1], evidence[:, -1:]
    return {**by_prefix(evidence, labels, tracks, order_counts(drawn.shape[1])),
            "rightByImage": {"random": marks(drawn.mean(1), labels), "raster": marks(raster.mean(1), labels)}}


def figures(evidence: np.ndarray, labels: np.ndarray, tracks: np.ndarray, prefixes: tuple[int, ...]) -> dict:
    """Figures by prefix length from nats [images, orders + 1, prefixes, classes], and nats a token of the true class.

    The last order is raster; the last prefix is the whole image.
    """
    whole = evidence[:, :, -1] / prefixes[-1]
    own = np.take_along_axis(whole, labels[:, None, None], 2)[:, :, 0]
    return {"prefixes": {str(prefix): figures_at(evidence[:, :, i], labels, tracks)
                         for i, prefix in enumerate(prefixes)},
            "natsPerToken": {"random": float(-own[:, :-1].mean()), "raster": float(-own[:, -1].mean())}}


def measure(config: Config, tokenizer: Path, checkpoint: Path, images: Path, table: Path, orders: int) -> dict:
    """Every figure of a checkpoint on the images of a table."""
    encoder, rows = load_tokenizer(tokenizer, config), read_table(table)
    model = load_model(checkpoint, config, encoder)
    pixels, labels = load_images(images, rows, config)
    tokens = tokens_of(encoder, torch.from_numpy(pixels).permute(0, 3, 1, 2).float())
    evidence = np.stack([
        evidence_of(model, image, orders_of((images / row.path).read_bytes(), orders, config.positions), config)
        for image, row in zip(tokens, rows, strict=True)])
    tracks = np.array([row.track for row in rows])
    found = {**reconstruction(encoder, torch.from_numpy(pixels), config)[0], "cpuMinutes": minutes_of(tokenizer)}
    return {"tokenizer": found, "images": len(rows), "tracks": len(set(tracks)),
            "trackOfImage": numbered(tracks), **figures(evidence, labels, tracks, config.model.prefixes)}


def minutes_of(tokenizer: Path) -> float | None:
    """Processor minutes that a tokenizer was trained for; None where it is a package's, which does not say."""
    return None if tokenizer.is_dir() else read_checkpoint(tokenizer)["seconds"] / 60


@ends_by_sentence
def main() -> None:
    """Writes the figures of one checkpoint."""
    parser = argparse.ArgumentParser(description="Measure a transformer trained with other settings.")
    add_config(parser)
    parser.add_argument("--tokenizer", required=True, help="its checkpoint, or the package that it is of")
    parser.add_argument("--model", required=True)
    parser.add_argument("--images", required=True)
    parser.add_argument("--labels", required=True)
    parser.add_argument("--orders", type=int, default=8)
    parser.add_argument("--out", required=True, help="the JSON file to write")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    config, checkpoint = config_of(arguments), read_checkpoint(arguments.model)
    found = {"command": command(), "training": [{"command": checkpoint["command"]}], "changes": arguments.set,
             "steps": checkpoint["step"], "cpuMinutes": checkpoint["workSeconds"] / 60,
             "operations": operations(config), "classes": len(config.classes),
             **measure(config, Path(arguments.tokenizer), Path(arguments.model), Path(arguments.images),
                       Path(arguments.labels), arguments.orders)}
    Path(arguments.out).write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
