"""Trains the denoiser of the diffusion classifier: velocity prediction, uniform times, averaged weights."""

import argparse
import copy
import time
from pathlib import Path

import torch
import torch.distributed as distributed
import torch.nn.functional as F

from ordo_training.augment import augment
from ordo_training.config import Config, add_config, config_of
from ordo_training.data import load_images, read_table
from ordo_training.images import ends_by_sentence
from ordo_training.muon import optimizers_of
from ordo_training.runs import Run, advance, learning_rate, read_checkpoint, save
from ordo_training.tokenizer import Normalize
from ordo_training.workers import launch, mean_gradients, mean_number

from .denoiser import Denoiser, diffuse


def start(config: Config, rate: float) -> Run:
    """A fresh run, optimized as the any-order transformer is."""
    model = Denoiser(config)
    return Run(model, copy.deepcopy(model).eval(), optimizers_of(model, rate))


def load_denoiser(path: str | Path, config: Config) -> Denoiser:
    """The averaged model of a checkpoint, ready to denoise."""
    model = Denoiser(config)
    model.load_state_dict(read_checkpoint(path)["average"])
    return model.eval()


def spread_times(count: int) -> torch.Tensor:
    """Times [count] in 0 to 1, each uniform, together evenly spread."""
    return (torch.rand(()) + torch.arange(count) / count) % 1


def velocity_loss(model: Denoiser, images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Mean squared error of the velocity for normalized images [B, 3, H, W] and their class ids [B]."""
    times = spread_times(len(images))
    noisy, velocity = diffuse(images, torch.randn_like(images), times)
    return F.mse_loss(model(noisy, times, labels), velocity)


@torch.no_grad()
def validate(model: Denoiser, images: torch.Tensor, labels: torch.Tensor) -> dict[str, float]:
    """Held-out loss under the true classes and under others, at the same times and noise whenever it is called."""
    losses = {}
    with torch.random.fork_rng():
        for name, categories in (("true", labels), ("other", (labels + 1) % model.category.num_embeddings)):
            torch.manual_seed(0)
            losses[name] = mean_number(velocity_loss(model, images, categories).item())
    return losses


def train(run: Run, config: Config, data: tuple[torch.Tensor, torch.Tensor], held: tuple[torch.Tensor, torch.Tensor],
          arguments: argparse.Namespace) -> None:
    """Trains until the workers together have used the minutes of processor time; saves and measures now and then."""
    (pixels, labels), normalize, budget = data, Normalize(), 60 * arguments.cpu_minutes
    saved, workers = run.seconds, distributed.get_world_size()
    while run.seconds < budget:
        began = time.process_time()
        chosen = torch.randint(len(pixels), (config.model_training.batch // workers,))
        images = normalize(augment(pixels[chosen], config.augmentation))
        loss = velocity_loss(run.model, images, labels[chosen])
        rate = learning_rate(arguments.learning_rate, run.step, run.seconds / budget)
        advance(run, loss, rate, config.model_training.average, mean_gradients)
        run.seconds += workers * mean_number(time.process_time() - began)
        if run.step % 200 == 0 and distributed.get_rank() == 0:
            print(f"step {run.step}, {run.seconds / 60:.1f} CPU min, loss {loss.item():.4f}", flush=True)
        if run.seconds - saved > 60 * arguments.every or run.seconds >= budget:
            saved = run.seconds
            if distributed.get_rank() == 0:
                save(run, Path(arguments.out))
            print(f"step {run.step}, held out: {validate(run.average, *held)}", flush=True)


def work(rank: int, workers: int, arguments: argparse.Namespace) -> None:
    """One worker: the same weights as the others, its own images."""
    torch.manual_seed(arguments.seed)
    config = config_of(arguments)
    data = tuple(map(torch.from_numpy, load_images(arguments.images, read_table(arguments.labels), config)))
    pixels, labels = map(torch.from_numpy, load_images(
        arguments.images, read_table(arguments.held_out)[rank::workers], config))
    held = Normalize()(pixels.permute(0, 3, 1, 2).float()), labels
    run = start(config, arguments.learning_rate)
    if Path(arguments.out).exists():
        run.restore(read_checkpoint(arguments.out))
    if rank == 0:
        print(f"{sum(w.numel() for w in run.model.parameters())} weights, from step {run.step}", flush=True)
    torch.manual_seed(hash((arguments.seed, run.step, rank)) % 2**31)
    train(run, config, data, held, arguments)


@ends_by_sentence
def main() -> None:
    """Trains, or goes on where the checkpoint stands."""
    parser = argparse.ArgumentParser(description="Train the denoiser of the diffusion classifier.")
    add_config(parser)
    parser.add_argument("--images", required=True)
    parser.add_argument("--labels", required=True, help="the training table")
    parser.add_argument("--held-out", required=True, help="a table to measure the loss on")
    parser.add_argument("--out", required=True, help="the checkpoint to write and to resume from")
    parser.add_argument("--cpu-minutes", type=float, default=180, help="processor time of all workers together")
    parser.add_argument("--every", type=float, default=5, help="minutes of processor time between checkpoints")
    parser.add_argument("--learning-rate", type=float, default=0.002)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args()
    launch(arguments.workers, work, arguments)


if __name__ == "__main__":
    main()
