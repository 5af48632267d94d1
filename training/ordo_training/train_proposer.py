"""Trains a package's proposer on the tokens of its own encoder, and writes proposer.onnx and proposer.json."""

import argparse
import copy
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import torch
import torch.nn.functional as F

from .augment import augment
from .config import Augmentation, Config, add_config, config_of
from .data import load_images, read_table
from .export import export_graph, package_digest, session
from .images import ends_by_sentence
from .proposer import Proposer

Tokens = tuple[torch.Tensor, torch.Tensor]


def harder(settings: Augmentation) -> Augmentation:
    """Twice the darkness, noise and blur, and a box in half of the images: it must not lose classes on bad frames."""
    return replace(settings, contrast=min(0.8, 2 * settings.contrast), brightness=2 * settings.brightness,
                   noise=3 * settings.noise, blur=0.6, erase=0.5)


def tokens_of(encoder: onnxruntime.InferenceSession, pixels: torch.Tensor) -> torch.Tensor:
    """Pixels uint8 [B, H, W, 3] to int32 tokens [B, N], as the pipeline makes them."""
    parts = [encoder.run(None, {"image": part.numpy()})[0] for part in pixels.split(64)]
    return torch.from_numpy(np.concatenate(parts))


def augmented(encoder: onnxruntime.InferenceSession, data: Tokens, settings: Augmentation, copies: int) -> Tokens:
    """Tokens of `copies` changed versions of every image, half of them changed harder, and the labels."""
    pixels, labels = data
    found = []
    for number in range(copies):
        how = settings if number % 2 == 0 else harder(settings)
        changed = [augment(part, how).round().byte().permute(0, 2, 3, 1) for part in pixels.split(256)]
        found.append(torch.cat([tokens_of(encoder, part) for part in changed]))
        print(f"{number + 1} of {copies} versions", flush=True)
    return torch.cat(found), labels.repeat(copies)


def batches(data: Tokens, size: int, epochs: int) -> Iterator[tuple[Tokens, float]]:
    """Shuffled batches, each with the share of the training that is behind it."""
    tokens, labels = data
    for epoch in range(epochs):
        parts = torch.randperm(len(tokens)).split(size)
        for number, chosen in enumerate(parts):
            yield (tokens[chosen], labels[chosen]), (epoch + number / len(parts)) / epochs


def train(config: Config, data: Tokens, epochs: int) -> Proposer:
    """Cross-entropy by AdamW on batches of 256 at a cosine's learning rate, and a running average of the weights.

    The log of the classes' shares is added while it trains and left off afterwards (Menon et al. 2021, arXiv
    2007.07314): its log-posteriors are those of even priors, and a rare class is not ruled out for being rare.
    """
    counts = torch.bincount(data[1], minlength=len(config.classes)).clamp(min=1)
    log_shares = (counts / counts.sum()).log()
    proposer = Proposer(config)
    average = copy.deepcopy(proposer)
    optimizer = torch.optim.AdamW(proposer.parameters(), 0.003, weight_decay=0.05)
    for step, ((tokens, labels), share) in enumerate(batches(data, 256, epochs), 1):
        optimizer.param_groups[0]["lr"] = 0.003 * (0.01 + 0.99 * 0.5 * (1 + np.cos(np.pi * share)))
        loss = F.cross_entropy(proposer(tokens) + log_shares, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        blend(average, proposer, max(0.002, 50 / (step + 50)))
    return average.eval()


@torch.no_grad()
def blend(average: Proposer, proposer: Proposer, weight: float) -> None:
    """Moves the average towards the weights and running statistics."""
    for kept, new in zip(average.state_dict().values(), proposer.state_dict().values(), strict=True):
        if kept.is_floating_point():
            kept.lerp_(new, weight)
        else:
            kept.copy_(new)


def recalls(scores: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """The share of images whose class is among the best 1, 2, 4, ... by log-posteriors [B, classes]."""
    rank = (scores > np.take_along_axis(scores, labels[:, None], 1)).sum(1)
    return {str(keep): float((rank < keep).mean()) for keep in (1, 2, 4, 8, 16, 24, 32)}


def worst_recall(scores: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """As `recalls`, of the class that is found least often at each of them."""
    found = [recalls(scores[labels == label], labels[labels == label]) for label in np.unique(labels)]
    return {keep: min(one[keep] for one in found) for keep in found[0]}


@ends_by_sentence
def main(words: Sequence[str] | None = None) -> None:
    """Trains, exports and measures."""
    parser = argparse.ArgumentParser(description="Train the proposer of a package.")
    add_config(parser)
    parser.add_argument("--package", required=True)
    parser.add_argument("--images", required=True)
    parser.add_argument("--labels", required=True, help="the training table")
    parser.add_argument("--held-out", required=True, help="a table to measure on")
    parser.add_argument("--copies", type=int, default=6, help="changed versions of every image")
    parser.add_argument("--epochs", type=int, default=8, help="times that each of them is seen")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args(words)
    torch.manual_seed(arguments.seed)
    config, package = config_of(arguments), Path(arguments.package)
    encoder = session(package / "encoder.onnx")
    pixels, labels = map(torch.from_numpy, load_images(arguments.images, read_table(arguments.labels), config))
    data = augmented(encoder, (pixels, labels), config.augmentation, arguments.copies)
    proposer = train(config, data, arguments.epochs)
    target = package / "proposer.onnx"
    export_graph(proposer, (data[0][:3],), ["tokens"], "log_posterior", None, target)
    pixels, labels = map(torch.from_numpy, load_images(arguments.images, read_table(arguments.held_out), config))
    scores = session(target).run(None, {"tokens": tokens_of(encoder, pixels).numpy()})[0]
    graph = target.read_bytes()
    found = {"model": package_digest(package).hex(),
             "sha256": hashlib.sha256(graph).hexdigest(), "bytes": len(graph),
             "trainedOn": len(data[0]), "heldOut": len(labels), "recall": recalls(scores, labels.numpy()),
             "recallOfWorstClass": worst_recall(scores, labels.numpy())}
    (package / "proposer.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
