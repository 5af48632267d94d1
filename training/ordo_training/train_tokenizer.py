"""Trains the tokenizer: reconstruction, guided by the classes."""

import argparse
import time
from pathlib import Path

import torch
import torch.nn.functional as F

from .augment import augment
from .config import Config, load_config
from .data import load_images, read_table
from .tokenizer import Guide, Tokenizer


def build(config: Config) -> tuple[Tokenizer, Guide]:
    """A fresh tokenizer and guide for a configuration."""
    levels = len(config.tokenizer.levels)
    return Tokenizer(config.tokenizer), Guide(levels, config.grid, len(config.classes))


def load_tokenizer(path: str | Path, config: Config) -> Tokenizer:
    """The tokenizer of a checkpoint, ready to encode."""
    tokenizer, _ = build(config)
    tokenizer.load_state_dict(torch.load(path)["tokenizer"])
    return tokenizer.eval()


def loss_of(tokenizer: Tokenizer, guide: Guide, pixels: torch.Tensor, labels: torch.Tensor, weight: float):
    """Mean absolute plus mean squared error of the normalized image, and the weighted class loss."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        images, painted, values = tokenizer(pixels)
        logits = guide(values)
    error = painted.float() - images
    return error.abs().mean() + error.square().mean() + weight * F.cross_entropy(
        logits.float(), labels, label_smoothing=0.05)


@torch.no_grad()
def validate(tokenizer: Tokenizer, guide: Guide, pixels: torch.Tensor, labels: torch.Tensor) -> dict[str, float]:
    """Reconstruction in dB (peak to peak 2), share of classes read right, entropy of the codes in bits."""
    tokenizer.eval()
    guide.eval()
    squares, right, counts = 0.0, 0, torch.zeros(int(tokenizer.quantize.levels.prod()))
    for part, wanted in zip(pixels.split(250), labels.split(250), strict=True):
        part = part.permute(0, 3, 1, 2).float()
        images, painted, values = tokenizer(part)
        squares += (images - painted).square().mean().item() * len(part)
        right += int((guide(values).argmax(1) == wanted).sum())
        counts += torch.bincount(tokenizer.tokens(part).flatten(), minlength=len(counts))
    tokenizer.train()
    guide.train()
    share = counts / counts.sum()
    return {"psnr": float(10 * torch.log10(torch.tensor(4 * len(pixels) / squares))), "accuracy": right / len(pixels),
            "bits": float(-(share * (share + 1e-12).log2()).sum())}


def train(config: Config, pixels: torch.Tensor, labels: torch.Tensor, held: tuple[torch.Tensor, torch.Tensor]):
    """Trains for the configured minutes; the learning rate rises for 5 % of them, then falls as a cosine."""
    tokenizer, guide = build(config)
    how = config.tokenizer_training
    weights = [*tokenizer.parameters(), *guide.parameters()]
    optimizer = torch.optim.AdamW(weights, how.learning_rate, weight_decay=0.02, betas=(0.9, 0.98))
    started, step, reported = time.monotonic(), 0, 0.0
    while (share := (time.monotonic() - started) / (60 * how.minutes)) < 1:
        rate = min(1, share / 0.05) * (0.5 + 0.5 * float(torch.cos(torch.tensor(torch.pi * share))))
        optimizer.param_groups[0]["lr"] = how.learning_rate * max(rate, 0.002)
        chosen = torch.randint(len(pixels), (how.batch,))
        loss = loss_of(tokenizer, guide, augment(pixels[chosen], config.augmentation), labels[chosen], how.guide)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        step += 1
        if share - reported > 0.1:
            reported = share
            print(f"step {step}, {share:.0%}, loss {loss.item():.4f}, {validate(tokenizer, guide, *held)}", flush=True)
    return tokenizer, guide, step


def main() -> None:
    """Trains and writes tokenizer.pt."""
    parser = argparse.ArgumentParser(description="Train the tokenizer.")
    parser.add_argument("--config", required=True)
    parser.add_argument("--images", required=True)
    parser.add_argument("--labels", required=True, help="the training table")
    parser.add_argument("--held-out", required=True, help="a table to measure on")
    parser.add_argument("--out", required=True, help="the checkpoint to write")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    config = load_config(arguments.config)
    pixels, labels = map(torch.from_numpy, load_images(arguments.images, read_table(arguments.labels), config))
    held = tuple(map(torch.from_numpy, load_images(arguments.images, read_table(arguments.held_out), config)))
    tokenizer, guide, steps = train(config, pixels, labels, held)
    measured = validate(tokenizer, guide, *held)
    print(f"done after {steps} steps of {config.tokenizer_training.batch}: {measured}", flush=True)
    torch.save({"tokenizer": tokenizer.state_dict(), "guide": guide.state_dict(), "steps": steps,
                "measured": measured}, arguments.out)


if __name__ == "__main__":
    main()
