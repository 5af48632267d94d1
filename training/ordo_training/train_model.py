"""Trains the any-order transformer on the tokens of a trained tokenizer."""

import argparse
import copy
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
import torch.distributed as distributed
import torch.nn.functional as F

from .augment import augment
from .commands import command
from .config import Config, add_config, config_of, shape_of, training_of
from .data import Row, load_images, read_table, spread
from .devices import best_device, clock, described, mixed_precision
from .hybrid import posterior_loss
from .images import ends_by_sentence
from .model import AnyOrder, likelihoods
from .muon import optimizers_of
from .orders import random_orders, raster_orders
from .runs import Run, advance, learning_rate, nothing_left, read_checkpoint, require_shape, save
from .store import digest_of
from .tokenizer import Tokenizer
from .train_tokenizer import load_tokenizer
from .workers import launch, mean_gradients, mean_number, sum_number, usual_workers


class ModelRun(Run):
    """A run whose checkpoint also says whose tokens it learned, by what command and how much work all processes did."""

    tokenizer = ""
    command = ""
    work_seconds = 0.0

    def state(self) -> dict:
        return {**super().state(), "tokenizer": self.tokenizer, "command": self.command,
                "workSeconds": self.work_seconds}

    def restore(self, state: dict) -> None:
        super().restore(state)
        self.work_seconds = state["workSeconds"]


def shape(config: Config) -> dict:
    """The settings that a transformer's weights mean nothing without."""
    kept = shape_of(config, "classes", "image", "tokenizer", "model")
    return {**kept, "model": {name: value for name, value in kept["model"].items()
                              if name not in ("dropout", "prefixes")}}


def settings(config: Config) -> dict:
    """The settings that a transformer is trained by, but for the minutes."""
    return {**training_of(config, "model_training"), "model": {"dropout": config.model.dropout}}


def start(config: Config, device: torch.device) -> ModelRun:
    """A fresh run."""
    model = AnyOrder(config).to(device)
    return ModelRun(model, copy.deepcopy(model).eval(), optimizers_of(model, config.model_training.learning_rate),
                    shape=shape(config), settings=settings(config))


def fingerprint(tokenizer: Tokenizer) -> str:
    """SHA-256 of an encoder's weights and statistics: two that differ in it may make different tokens."""
    return digest_of(*(values.cpu().numpy() for values in tokenizer.encoder.state_dict().values()))


def require_tokenizer(checkpoint: dict, tokenizer: Tokenizer, path: str | Path) -> None:
    """Ends the program unless a transformer's checkpoint learned the tokens of this very tokenizer."""
    if checkpoint["tokenizer"] != fingerprint(tokenizer):
        sys.exit(f"{path} learned the tokens of another tokenizer: has that been trained on since? Train anew")


def load_model(path: str | Path, config: Config, tokenizer: Tokenizer) -> AnyOrder:
    """The averaged model of a checkpoint, ready to score what the tokenizer makes."""
    model, checkpoint = AnyOrder(config), read_checkpoint(path)
    require_shape(checkpoint, shape(config), path)
    require_tokenizer(checkpoint, tokenizer, path)
    model.load_state_dict(checkpoint["average"])
    return model.eval()


@torch.no_grad()
def tokens_of(tokenizer: Tokenizer, images: torch.Tensor) -> torch.Tensor:
    """Pixels float [B, 3, H, W] to int64 tokens [B, N]."""
    return tokenizer.tokens(images).long()


def generative_loss(run: Run, tokens: torch.Tensor, labels: torch.Tensor, order: torch.Tensor) -> torch.Tensor:
    """Minus the mean log-likelihood of a token, in nats, given the true class."""
    with mixed_precision(tokens.device):
        logits = run.model(tokens, order, labels)
    wanted = tokens.gather(1, order)
    return F.cross_entropy(logits.float().flatten(0, 1), wanted.flatten())


def training_loss(run: Run, config: Config, tokens: torch.Tensor, labels: torch.Tensor,
                  order: torch.Tensor) -> torch.Tensor:
    """The generative loss and, at its weight, that of the posterior."""
    loss, how = generative_loss(run, tokens, labels, order), config.model_training
    if how.hybrid == 0:
        return loss
    return loss + how.hybrid * posterior_loss(run.model, tokens, labels, order, how.rivals)


@torch.no_grad()
def validate(model: AnyOrder, config: Config, held: tuple[torch.Tensor, torch.Tensor], orders: int = 2) -> dict:
    """Accuracy over all classes by mean log-likelihood over random orders, and nats a token of the true class."""
    classes, right, nats = len(config.classes), 0, 0.0
    for image, label in zip(*held, strict=True):
        order = random_orders(orders, config.positions, config.positions, image.device)
        every = torch.arange(classes, device=image.device).expand(orders, -1)
        score = likelihoods(model, image.expand(orders, -1), order, every).mean(0) / config.positions
        right, nats = right + int(score.argmax() == label), nats - score[label].item()
    count = sum_number(len(held[0]))
    return {"accuracy": sum_number(right) / count, "nats": sum_number(nats) / count}


def draw(config: Config, tokenizer: Tokenizer, data: tuple[torch.Tensor, torch.Tensor], step: int, workers: int):
    """A worker's share of a batch: tokens of augmented images, their classes, orders of this step's prefix length.

    Tokens are made in float32, as held-out and served ones are: in bfloat16 one in a hundred would be another.
    """
    (pixels, labels), prefixes = data, config.model_training.prefixes
    prefix = prefixes[step % len(prefixes)]
    count = max(1, config.model_training.batch * prefixes[-1] // prefix // workers)
    chosen = torch.randint(len(pixels), (count,), device=pixels.device)
    changed = augment(pixels[chosen], config.augmentation)
    tokens = tokens_of(tokenizer, changed)
    orders = raster_orders if config.model_training.orders == "raster" else random_orders
    return tokens, labels[chosen], orders(count, config.positions, prefix, pixels.device)


def train(run: Run, config: Config, tokenizer: Tokenizer, data: tuple[torch.Tensor, torch.Tensor],
          held: tuple[torch.Tensor, torch.Tensor], path: Path, every: float, workers: int) -> None:
    """Trains until the configured minutes are used; saves and measures every `every` minutes."""
    how, saved, first, device = config.model_training, run.seconds, distributed.get_rank() == 0, data[0].device
    while run.seconds < 60 * how.minutes:
        began = clock(device)
        loss = training_loss(run, config, *draw(config, tokenizer, data, run.step, workers))
        rate = learning_rate(how.learning_rate, run.step, run.seconds / 60 / how.minutes)
        advance(run, loss, rate, how.average, mean_gradients)
        spent = mean_number(clock(device) - began)
        run.seconds, run.work_seconds = run.seconds + spent, run.work_seconds + spent * workers
        if first and run.step % 200 == 0:
            print(f"step {run.step}, {run.seconds / 60:.1f} min, loss {loss.item():.4f}", flush=True)
        if run.seconds - saved > 60 * every or run.seconds >= 60 * how.minutes:
            saved = run.seconds
            if first:
                save(run, path)
            measured = validate(run.average, config, held)
            if first:
                print(f"step {run.step}, held out: {measured}", flush=True)


def load_data(images: str | Path, rows: list[Row], config: Config, device: torch.device):
    """Pixels uint8 [rows, H, W, 3] and class ids [rows] of a table."""
    return tuple(torch.from_numpy(array).to(device) for array in load_images(images, rows, config))


@ends_by_sentence
def work(rank: int, workers: int, arguments: argparse.Namespace) -> None:
    """One worker: the same weights as the others, its own images."""
    torch.manual_seed(arguments.seed)
    config, device = config_of(arguments), best_device()
    tokenizer = load_tokenizer(arguments.tokenizer, config).to(device)
    data = load_data(arguments.images, read_table(arguments.labels), config, device)
    rows = spread(read_table(arguments.held_out), arguments.measure)[rank::workers]
    pixels, labels = load_data(arguments.images, rows, config, device)
    held = tokens_of(tokenizer, pixels.permute(0, 3, 1, 2).float()), labels
    run = start(config, device)
    run.tokenizer, run.command = fingerprint(tokenizer), arguments.command
    if Path(arguments.out).exists():
        run.restore(read_checkpoint(arguments.out))
    if rank == 0:
        print(described(device), flush=True)
        print(f"{sum(w.numel() for w in run.model.parameters())} weights, from step {run.step}", flush=True)
    torch.manual_seed(hash((arguments.seed, run.step, rank)) % 2**31)
    train(run, config, tokenizer, data, held, Path(arguments.out), arguments.every, workers)


def main(words: Sequence[str] | None = None) -> None:
    """Trains, or goes on where the checkpoint stands."""
    parser = argparse.ArgumentParser(description="Train the any-order transformer.")
    add_config(parser)
    parser.add_argument("--images", required=True)
    parser.add_argument("--labels", required=True, help="the training table")
    parser.add_argument("--held-out", required=True, help="a table to measure on")
    parser.add_argument("--measure", type=int, default=100, help="images of it to measure on while training")
    parser.add_argument("--every", type=float, default=5, help="minutes between checkpoints")
    parser.add_argument("--tokenizer", required=True, help="its checkpoint, or a package to take it from")
    parser.add_argument("--out", required=True, help="the checkpoint to write and to resume from")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, help="processes (default: one a core, as far as the batch goes)")
    arguments = parser.parse_args(words)
    arguments.command = command()
    config = config_of(arguments)
    if Path(arguments.out).exists():
        checkpoint = read_checkpoint(arguments.out)
        require_shape(checkpoint, shape(config), arguments.out)
        require_tokenizer(checkpoint, load_tokenizer(arguments.tokenizer, config), arguments.out)
        if nothing_left(checkpoint, settings(config), config.model_training.minutes, arguments.out):
            return
    workers = arguments.workers or usual_workers(config.model_training.batch)
    launch(min(workers, len(read_table(arguments.held_out)), arguments.measure), work, arguments)


if __name__ == "__main__":
    main()
