"""A training run: weights, their running average, optimizers, and the checkpoint that holds all of it."""

import math
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import torch
import torch.nn as nn


@dataclass
class Run:
    """The state of a run: all that a checkpoint holds.

    `seconds` is the training time so far; `shape` are the settings that weights mean nothing without, `settings` those
    that say how they are trained, where a checkpoint keeps them.
    """

    model: nn.Module
    average: nn.Module
    optimizers: list[torch.optim.Optimizer]
    step: int = 0
    seconds: float = 0.0
    shape: dict = field(default_factory=dict, kw_only=True)
    settings: dict = field(default_factory=dict, kw_only=True)

    def state(self) -> dict:
        return {"model": self.model.state_dict(), "average": self.average.state_dict(),
                "optimizers": [o.state_dict() for o in self.optimizers], "step": self.step, "seconds": self.seconds,
                "shape": self.shape, **({"settings": self.settings} if self.settings else {})}

    def restore(self, state: dict) -> None:
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self.step, self.seconds = state["step"], state["seconds"]


def save(run: Run, path: Path) -> None:
    """Writes a checkpoint whole or not at all; ends the program rather than keep weights that are not numbers."""
    if not all(bool(weight.isfinite().all()) for weight in run.model.parameters()):
        sys.exit(f"after step {run.step} the weights are not finite: {path} stays as it was; lower the learning rate")
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    with open(partial, "wb") as file:
        torch.save(run.state(), file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)


def _differing(kept: dict, wanted: dict, within: str = "") -> list[str]:
    """The names of the settings that differ, such as model.blocks."""
    found = []
    for name in sorted({*kept, *wanted}):
        one, other = kept.get(name), wanted.get(name)
        if isinstance(one, dict) and isinstance(other, dict):
            found += _differing(one, other, f"{within}{name}.")
        elif one != other:
            found.append(f"{within}{name}")
    return found


def require_shape(checkpoint: dict, shape: dict, path: str | Path) -> None:
    """Ends the program unless a checkpoint was made with these settings."""
    if differing := _differing(checkpoint.get("shape", {}), shape):
        sys.exit(f"{path} was trained with other settings: {', '.join(differing)}")


def nothing_left(checkpoint: dict, settings: dict, minutes: float, path: str | Path) -> bool:
    """Whether a checkpoint's minutes are used up; says so, and which of the settings changed since it was written.

    A checkpoint that does not keep its settings is taken to have these.
    """
    done = checkpoint["seconds"] >= 60 * minutes
    if differing := _differing(checkpoint.get("settings", settings), settings):
        when = "only with more minutes or in a new folder" if done else "from here on"
        print(f"{path} was trained with other settings: {', '.join(differing)}; the new ones take effect {when}",
              flush=True)
    if done:
        print(f"{path}: its {minutes:g} minutes are used up, nothing is left to train", flush=True)
    return done


def read_checkpoint(path: str | Path) -> dict:
    """A checkpoint, on the processor wherever it was made; ends the program where there is none."""
    if not Path(path).exists():
        sys.exit(f"{path} is not there: train first")
    return torch.load(path, map_location="cpu")


def learning_rate(peak: float, step: int, share: float) -> float:
    """Rises over 200 steps, then falls as a cosine of the share of the time that is used, to 1 % of the peak."""
    return peak * min(1, (step + 1) / 200) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1, share))))


def _floats(model: nn.Module) -> list[torch.Tensor]:
    """The weights of a model and the statistics of its normalizations."""
    return [*model.parameters(), *(buffer for buffer in model.buffers() if buffer.is_floating_point())]


def advance(run: Run, loss: torch.Tensor, rate: float, decay: float,
            share_gradients: Callable[[Iterable[nn.Parameter]], None] | None = None) -> None:
    """One step of the optimizers at a learning rate, and of the running average of weights and statistics.

    A group of weights with a `share` learns at that share of the rate.
    """
    for optimizer in run.optimizers:
        optimizer.zero_grad()
        for group in optimizer.param_groups:
            group["lr"] = rate * group.get("share", 1)
    loss.backward()
    if share_gradients:
        share_gradients(run.model.parameters())
    torch.nn.utils.clip_grad_norm_(run.model.parameters(), 1.0)
    for optimizer in run.optimizers:
        optimizer.step()
    run.step += 1
    kept = min(decay, run.step / (run.step + 50))
    with torch.no_grad():
        torch._foreach_lerp_(_floats(run.average), _floats(run.model), 1 - kept)
