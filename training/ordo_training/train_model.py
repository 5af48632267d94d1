"""Trains the any-order transformer on the tokens of a trained tokenizer."""

import argparse
import copy
import math
import os
import time
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.distributed as distributed
import torch.nn.functional as F

from .augment import augment
from .config import Config, load_config
from .data import load_images, read_table
from .model import AnyOrder, log_likelihood
from .orders import random_orders
from .tokenizer import Tokenizer
from .train_tokenizer import load_tokenizer
from .workers import launch, mean_gradients, mean_number


@dataclass
class Run:
    """The state of a run: all that a checkpoint holds. `seconds` is the training time so far."""

    model: AnyOrder
    average: AnyOrder
    optimizers: list[torch.optim.Optimizer]
    step: int = 0
    seconds: float = 0.0

    def state(self) -> dict:
        return {"model": self.model.state_dict(), "average": self.average.state_dict(),
                "optimizers": [o.state_dict() for o in self.optimizers], "step": self.step, "seconds": self.seconds}

    def restore(self, state: dict) -> None:
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self.step, self.seconds = state["step"], state["seconds"]


def start(config: Config) -> Run:
    """A fresh run: Muon for the matrices of the blocks, AdamW for everything else."""
    model = AnyOrder(config)
    matrices = [w for name, w in model.named_parameters() if w.dim() == 2 and name.startswith("blocks")]
    chosen = {id(w) for w in matrices}
    rest = [w for w in model.parameters() if id(w) not in chosen]
    rate = config.model_training.learning_rate
    optimizers = [torch.optim.Muon(matrices, lr=rate, weight_decay=0.05, adjust_lr_fn="match_rms_adamw"),
                  torch.optim.AdamW(rest, rate, weight_decay=0.01, betas=(0.9, 0.95))]
    return Run(model, copy.deepcopy(model).eval(), optimizers)


def load_model(path: str | Path, config: Config) -> AnyOrder:
    """The averaged model of a checkpoint, ready to score."""
    model = AnyOrder(config)
    model.load_state_dict(torch.load(path)["average"])
    return model.eval()


@torch.no_grad()
def tokens_of(tokenizer: Tokenizer, images: torch.Tensor) -> torch.Tensor:
    """Pixels float [B, 3, H, W] to int64 tokens [B, N]."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        return tokenizer.tokens(images).long()


def generative_loss(run: Run, tokens: torch.Tensor, labels: torch.Tensor, order: torch.Tensor) -> torch.Tensor:
    """Minus the mean log-likelihood of a token, in nats, given the true class."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = run.model(tokens, order, labels)
    wanted = tokens.gather(1, order)
    return F.cross_entropy(logits.float().flatten(0, 1), wanted.flatten())


def advance(run: Run, loss: torch.Tensor, rate: float, decay: float) -> None:
    """One step of both optimizers at a learning rate, and of the running average of the weights."""
    for optimizer in run.optimizers:
        optimizer.param_groups[0]["lr"] = rate
        optimizer.zero_grad()
    loss.backward()
    mean_gradients(run.model.parameters())
    torch.nn.utils.clip_grad_norm_(run.model.parameters(), 1.0)
    for optimizer in run.optimizers:
        optimizer.step()
    run.step += 1
    kept = min(decay, run.step / (run.step + 50))
    with torch.no_grad():
        torch._foreach_lerp_(list(run.average.parameters()), list(run.model.parameters()), 1 - kept)


@torch.no_grad()
def validate(model: AnyOrder, config: Config, held: tuple[torch.Tensor, torch.Tensor], orders: int = 2) -> dict:
    """Accuracy over all classes by mean log-likelihood over random orders, and nats a token of the true class."""
    classes, right, nats = len(config.classes), 0, 0.0
    for image, label in zip(*held, strict=True):
        order = random_orders(orders, config.positions, config.positions)
        rows, category = image.expand(orders * classes, -1), torch.arange(classes).repeat(orders)
        order = order.repeat_interleave(classes, 0)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = model(rows, order, category)
        score = log_likelihood(logits.float(), rows, order).mean(-1).view(orders, classes).mean(0)
        right, nats = right + int(score.argmax() == label), nats - score[label].item()
    count = len(held[0])
    return {"accuracy": mean_number(right / count), "nats": mean_number(nats / count)}


def draw(config: Config, tokenizer: Tokenizer, data: tuple[torch.Tensor, torch.Tensor], step: int, workers: int):
    """A worker's share of a batch: tokens of augmented images, their classes, orders of this step's prefix length."""
    (pixels, labels), prefixes = data, config.model_training.prefixes
    prefix = prefixes[step % len(prefixes)]
    chosen = torch.randint(len(pixels), (config.model_training.batch * prefixes[-1] // prefix // workers,))
    tokens = tokens_of(tokenizer, augment(pixels[chosen], config.augmentation))
    return tokens, labels[chosen], random_orders(len(chosen), config.positions, prefix)


def learning_rate(peak: float, step: int, share: float) -> float:
    """Rises over 200 steps, then falls as a cosine of the share of the time that is used, to 1 % of the peak."""
    return peak * min(1, (step + 1) / 200) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1, share))))


def save(run: Run, path: Path) -> None:
    """Writes a checkpoint whole or not at all."""
    torch.save(run.state(), path.with_suffix(".partial"))
    os.replace(path.with_suffix(".partial"), path)


def train(run: Run, config: Config, tokenizer: Tokenizer, data: tuple[torch.Tensor, torch.Tensor],
          held: tuple[torch.Tensor, torch.Tensor], path: Path, every: float, workers: int) -> None:
    """Trains until the configured minutes are used; saves and measures every `every` minutes."""
    how, saved, first = config.model_training, run.seconds, distributed.get_rank() == 0
    while run.seconds < 60 * how.minutes:
        began = time.monotonic()
        loss = generative_loss(run, *draw(config, tokenizer, data, run.step, workers))
        advance(run, loss, learning_rate(how.learning_rate, run.step, run.seconds / 60 / how.minutes), how.average)
        run.seconds += mean_number(time.monotonic() - began)
        if first and run.step % 200 == 0:
            print(f"step {run.step}, {run.seconds / 60:.1f} min, loss {loss.item():.4f}", flush=True)
        if run.seconds - saved > 60 * every or run.seconds >= 60 * how.minutes:
            saved = run.seconds
            if first:
                save(run, path)
            measured = validate(run.average, config, held)
            if first:
                print(f"step {run.step}, held out: {measured}", flush=True)


def work(rank: int, workers: int, arguments: argparse.Namespace) -> None:
    """One worker: the same weights as the others, its own images."""
    torch.manual_seed(arguments.seed)
    config = load_config(arguments.config)
    tokenizer = load_tokenizer(arguments.tokenizer, config)
    data = tuple(map(torch.from_numpy, load_images(arguments.images, read_table(arguments.labels), config)))
    rows = read_table(arguments.held_out)
    rows = rows[::max(1, len(rows) // arguments.measure)][rank::workers]
    pixels, labels = map(torch.from_numpy, load_images(arguments.images, rows, config))
    held = tokens_of(tokenizer, pixels.permute(0, 3, 1, 2).float()), labels
    run = start(config)
    if Path(arguments.out).exists():
        run.restore(torch.load(arguments.out))
    if rank == 0:
        print(f"{sum(w.numel() for w in run.model.parameters())} weights, from step {run.step}", flush=True)
    torch.manual_seed(hash((arguments.seed, run.step, rank)) % 2**31)
    train(run, config, tokenizer, data, held, Path(arguments.out), arguments.every, workers)


def main() -> None:
    """Trains, or goes on where the checkpoint stands."""
    parser = argparse.ArgumentParser(description="Train the any-order transformer.")
    parser.add_argument("--config", required=True)
    parser.add_argument("--images", required=True)
    parser.add_argument("--labels", required=True, help="the training table")
    parser.add_argument("--held-out", required=True, help="a table to measure on")
    parser.add_argument("--measure", type=int, default=100, help="images of it to measure on while training")
    parser.add_argument("--every", type=float, default=5, help="minutes between checkpoints")
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--out", required=True, help="the checkpoint to write and to resume from")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    launch(arguments.workers, work, arguments)


if __name__ == "__main__":
    main()
