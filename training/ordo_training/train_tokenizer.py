"""Trains the tokenizer: reconstruction, guided towards what the codes should keep."""

import argparse
import copy
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn

from .augment import augment
from .config import Config, add_config, config_of, shape_of, training_of
from .data import load_images, read_table, require_pure_tracks
from .devices import best_device, clock, described, free_memory, mixed_precision
from .guides import guide_loss, outputs_of, pairs, share_right
from .images import ends_by_sentence
from .restore import restore_tokenizer
from .runs import Run, advance, learning_rate, nothing_left, read_checkpoint, require_shape, save
from .tokenizer import Guide, Tokenizer

Data = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


class Guided(nn.Module):
    """A tokenizer and the guide that is used only while it trains."""

    def __init__(self, config: Config):
        super().__init__()
        self.tokenizer = Tokenizer(config.tokenizer)
        self.guide = Guide(len(config.tokenizer.levels), config.grid, outputs_of(config))

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Pixels [B, 3, H, W] to the normalized image, its reconstruction, and what the guide reads."""
        images, painted, values = self.tokenizer(pixels)
        return images, painted, self.guide(values)


def shape(config: Config) -> dict:
    """The settings that a tokenizer's weights mean nothing without."""
    return shape_of(config, "image", "tokenizer")


def settings(config: Config) -> dict:
    """The settings that a tokenizer is trained by, but for the minutes."""
    return training_of(config, "tokenizer_training")


def load_tokenizer(path: str | Path, config: Config) -> Tokenizer:
    """The averaged tokenizer of a checkpoint, or that of a package's folder, ready to encode."""
    if Path(path).is_dir():
        return restore_tokenizer(config, Path(path))
    guided, checkpoint = Guided(config), read_checkpoint(path)
    require_shape(checkpoint, shape(config), path)
    guided.load_state_dict(checkpoint["average"])
    return guided.tokenizer.eval()


def start(config: Config, device: torch.device) -> Run:
    """A fresh run."""
    guided = Guided(config).to(device, memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(guided.parameters(), config.tokenizer_training.learning_rate, weight_decay=0.02,
                                  betas=(0.9, 0.98))
    return Run(guided, copy.deepcopy(guided).eval(), [optimizer])


def draw(config: Config, data: Data) -> Data:
    """A batch: changed pixels, classes, tracks."""
    pixels, labels, tracks = data
    size = config.tokenizer_training.batch
    alone = config.tokenizer_training.guided_by != "tracks"
    chosen = torch.randint(len(pixels), (size,), device=pixels.device) if alone else pairs(tracks, size // 2)
    return augment(pixels[chosen], config.augmentation), labels[chosen], tracks[chosen]


def loss_of(guided: Guided, config: Config, batch: Data) -> torch.Tensor:
    """Mean absolute plus mean squared error of the normalized image, and the weighted loss of the guide."""
    pixels, labels, tracks = batch
    with mixed_precision(pixels.device):
        images, painted, read = guided(pixels)
    error = painted.float() - images
    weighted = config.tokenizer_training.guide * guide_loss(config, read, labels, tracks)
    return error.abs().mean() + error.square().mean() + weighted


@torch.no_grad()
def reconstruction(tokenizer: Tokenizer, pixels: torch.Tensor, config: Config) -> tuple[dict, torch.Tensor]:
    """Of images uint8 [B, H, W, 3]: reconstruction in dB (peak to peak 2) and entropy of the codes in bits.

    Beside them the quantized values [B, levels, h, w].
    """
    squares, found, counts = 0.0, [], torch.zeros(config.codes)
    for part in pixels.split(250):
        part = part.permute(0, 3, 1, 2).float()
        images, painted, values = tokenizer(part)
        found.append(values)
        squares += (images - painted).square().mean().item() * len(part)
        counts += torch.bincount(tokenizer.tokens(part).flatten(), minlength=config.codes).cpu()
    share = counts / counts.sum()
    return {"psnr": float(10 * torch.log10(torch.tensor(4 * len(pixels) / squares))),
            "bits": float(-(share * (share + 1e-12).log2()).sum())}, torch.cat(found)


@torch.no_grad()
def validate(guided: Guided, config: Config, data: Data) -> dict[str, float]:
    """Reconstruction and entropy, and the share of classes read right."""
    pixels, labels, tracks = data
    figures, values = reconstruction(guided.tokenizer, pixels, config)
    read = torch.cat([guided.guide(part) for part in values.split(250)])
    return {**figures, "accuracy": share_right(config, read, labels, tracks)}


class TokenizerRun(Run):
    """A run whose checkpoint also says what was measured last."""

    measured: dict | None = None

    def state(self) -> dict:
        return {**super().state(), "measured": self.measured}


def train(run: TokenizerRun, config: Config, data: Data, held: Data, path: Path, every: float) -> None:
    """Trains until the configured minutes are used; saves and measures every `every` minutes."""
    how, saved, device = config.tokenizer_training, run.seconds, data[0].device
    run.model.train()
    while run.seconds < 60 * how.minutes:
        began = clock(device)
        loss = loss_of(run.model, config, draw(config, data))
        advance(run, loss, learning_rate(how.learning_rate, run.step, run.seconds / 60 / how.minutes), how.average)
        run.seconds += clock(device) - began
        if run.seconds - saved > 60 * every or run.seconds >= 60 * how.minutes:
            saved, run.measured = run.seconds, validate(run.average, config, held)
            save(run, path)
            print(f"step {run.step}, {run.seconds / 60:.1f} min, loss {loss.item():.4f}, {run.measured}", flush=True)


def load_data(images: str | Path, table: str | Path, config: Config, device: torch.device) -> Data:
    """Pixels uint8 [rows, H, W, 3], class ids [rows] and numbers of tracks [rows]."""
    rows = read_table(table)
    require_pure_tracks(rows, config, table)
    pixels, labels = load_images(images, rows, config)
    tracks = np.unique([row.track for row in rows], return_inverse=True)[1]
    return tuple(torch.from_numpy(array).to(device) for array in (pixels, labels, tracks))


def work(arguments: argparse.Namespace) -> None:
    """Trains from where the checkpoint stands, if there is one."""
    config, device, out = config_of(arguments), best_device(), Path(arguments.out)
    checkpoint = read_checkpoint(out) if out.exists() else None
    if checkpoint:
        require_shape(checkpoint, shape(config), out)
        if nothing_left(checkpoint, settings(config), config.tokenizer_training.minutes, out):
            return
    print(described(device), flush=True)
    data = load_data(arguments.images, arguments.labels, config, device)
    held = load_data(arguments.images, arguments.held_out, config, device)
    torch.manual_seed(arguments.seed)
    fresh = start(config, device)
    run = TokenizerRun(fresh.model, fresh.average, fresh.optimizers, shape=shape(config), settings=settings(config))
    if checkpoint:
        run.restore(checkpoint)
    torch.manual_seed(hash((arguments.seed, run.step)) % 2**31)
    train(run, config, data, held, out, arguments.every)


@ends_by_sentence
def main(words: Sequence[str] | None = None) -> None:
    """Trains, or goes on where the checkpoint stands."""
    parser = argparse.ArgumentParser(description="Train the tokenizer.")
    add_config(parser)
    parser.add_argument("--images", required=True)
    parser.add_argument("--labels", required=True, help="the training table")
    parser.add_argument("--held-out", required=True, help="a table to measure on")
    parser.add_argument("--every", type=float, default=2, help="minutes between checkpoints")
    parser.add_argument("--out", required=True, help="the checkpoint to write and to resume from")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args(words)
    torch.set_num_threads(1)  # the budget is processor time: threads would spend it waiting for each other
    work(arguments)
    free_memory()  # the transformer trains in another process while this one waits


if __name__ == "__main__":
    main()
