"""Trains a baseline for a budget of the process's own CPU time; a checkpoint holds all that is needed to go on."""

import argparse
import copy
import re
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path

import torch
import torch.nn as nn

from ordo_training.augment import augment
from ordo_training.commands import command
from ordo_training.config import Config, add_config, config_of
from ordo_training.data import load_images, read_table, spread
from ordo_training.muon import Muon
from ordo_training.runs import Run, advance, learning_rate, read_checkpoint, save

Data = tuple[torch.Tensor, torch.Tensor]


@dataclass(frozen=True)
class Plan:
    """How a baseline is trained: CPU minutes, images a step, and what the optimizers need.

    `layer_decay` multiplies the learning rate once for each layer below the head; `muon` trains the matrices of
    transformer blocks with Muon, else AdamW trains everything. The learning rate is that of the head.
    """

    minutes: float
    batch: int = 64
    learning_rate: float = 0.003
    weight_decay: float = 0.05
    average: float = 0.998
    dropout: float = 0.0
    smoothing: float = 0.0
    layer_decay: float = 1.0
    muon: bool = True


@dataclass
class BaselineRun(Run):
    """A run of a baseline; `seconds` is CPU time, `earlier` are the stages of training that it builds on."""

    kind: str = ""
    command: str = ""
    plan: Plan | None = None
    earlier: list[dict] = field(default_factory=list)

    def state(self) -> dict:
        stage = {"command": self.command, "cpuMinutes": self.seconds / 60, "steps": self.step,
                 "plan": asdict(self.plan)}
        return {**super().state(), "kind": self.kind, "training": [*self.earlier, stage]}


def depth(name: str) -> float:
    """How deep a weight lies, by its name: 0 for embeddings, i + 1 for block i, infinite for what follows."""
    block = re.search(r"\.blocks\.(\d+)\.", name)
    if block:
        return int(block[1]) + 1
    return 0 if re.search(r"\.(patch|place)\.", name) else float("inf")


def optimizers_of(model: nn.Module, plan: Plan) -> list[torch.optim.Optimizer]:
    """Muon for the matrices of the blocks if asked, AdamW for the rest; no decay of weights that are vectors.

    The learning rate of a layer as in He et al. 2021 (arXiv 2111.06377, A.1): layer_decay^(layers above it).
    """
    trained = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
    head = 1 + max((depth(name) for name in trained if depth(name) < float("inf")), default=0)
    kinds: dict[bool, list[dict]] = {True: [], False: []}
    for name, weight in trained.items():
        share = plan.layer_decay ** (head - min(depth(name), head))
        decay = plan.weight_decay if weight.dim() > 1 else 0.0
        by_muon = plan.muon and ".blocks." in name and weight.dim() == 2
        kinds[by_muon].append({"params": [weight], "weight_decay": decay, "share": share})
    made = [torch.optim.AdamW(kinds[False], plan.learning_rate, betas=(0.9, 0.98))]
    if kinds[True]:
        made.append(Muon(kinds[True], plan.learning_rate))
    return made


def start(model: nn.Module, kind: str, plan: Plan, earlier: list[dict]) -> BaselineRun:
    """A fresh run of a model."""
    average = copy.deepcopy(model).eval()
    return BaselineRun(model, average, optimizers_of(model, plan), 0, 0.0, kind, command(), plan, earlier)


def train(run: BaselineRun, config: Config, data: Data, loss_of: Callable, measure: Callable, path: Path,
          every: float) -> None:
    """Trains until the plan's CPU minutes are used; every `every` of them it saves and prints measure(average).

    `data` are pixels uint8 [rows, H, W, 3] and class ids [rows]; `loss_of` takes the model, changed pixels
    float [B, 3, H, W] in 0 to 255 and class ids [B]. Measuring and saving are not counted as training.
    """
    (pixels, labels), plan, saved = data, run.plan, run.seconds
    run.model.train()
    while run.seconds < 60 * plan.minutes:
        began = time.process_time()
        chosen = torch.randint(len(pixels), (plan.batch,))
        loss = loss_of(run.model, augment(pixels[chosen], config.augmentation), labels[chosen])
        rate = learning_rate(plan.learning_rate, run.step, run.seconds / 60 / plan.minutes)
        advance(run, loss, rate, plan.average)
        run.seconds += time.process_time() - began
        if run.seconds - saved > 60 * every or run.seconds >= 60 * plan.minutes:
            saved = run.seconds
            save(run, path)
            print(f"step {run.step}, {run.seconds / 60:.1f} CPU min, loss {loss.item():.4f}, "
                  f"held out: {measure(run.average)}", flush=True)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags that every training has: files, and each setting of the plan."""
    add_config(parser)
    parser.add_argument("--images", required=True)
    parser.add_argument("--labels", required=True, help="the training table")
    parser.add_argument("--held-out", required=True, help="a table to measure on while training")
    parser.add_argument("--measure", type=int, default=500, help="images of it to measure on")
    parser.add_argument("--every", type=float, default=5, help="CPU minutes between checkpoints")
    parser.add_argument("--out", required=True, help="the checkpoint to write and to resume from")
    parser.add_argument("--seed", type=int, default=0)
    for setting in fields(Plan):
        kind = {"type": setting.type} if setting.type is not bool else {"action": argparse.BooleanOptionalAction}
        parser.add_argument("--" + setting.name.replace("_", "-"), **kind)


def plan_of(arguments: argparse.Namespace, usual: Plan) -> Plan:
    """The usual plan with what the flags say otherwise."""
    given = {setting.name: getattr(arguments, setting.name) for setting in fields(Plan)}
    return replace(usual, **{name: value for name, value in given.items() if value is not None})


def load_data(arguments: argparse.Namespace, config: Config) -> tuple[Data, Data]:
    """Training data, and held-out data thinned to about as many images as are to be measured on."""
    rows = spread(read_table(arguments.held_out), arguments.measure)
    data = map(torch.from_numpy, load_images(arguments.images, read_table(arguments.labels), config))
    return tuple(data), tuple(map(torch.from_numpy, load_images(arguments.images, rows, config)))


def resume(run: BaselineRun, arguments: argparse.Namespace) -> None:
    """Goes on where the checkpoint stands, if there is one, with random draws that it has not seen."""
    if Path(arguments.out).exists():
        run.restore(read_checkpoint(arguments.out))
    torch.manual_seed(hash((arguments.seed, run.step)) % 2**31)
    print(f"{sum(w.numel() for w in run.model.parameters())} weights, from step {run.step}, {run.plan}", flush=True)


def launch(arguments: argparse.Namespace, usual: Plan, kind: str, build: Callable, loss_of: Callable,
           measure_of: Callable) -> None:
    """One training from flags to checkpoint.

    `build` takes configuration and plan and gives the model and the earlier stages; `loss_of` is that of `train`
    after the plan; `measure_of` takes the averaged model and the held-out data.
    """
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    config, plan = config_of(arguments), plan_of(arguments, usual)
    data, held = load_data(arguments, config)
    model, earlier = build(config, plan)
    run = start(model, kind, plan, earlier)
    resume(run, arguments)
    train(run, config, data, lambda *batch: loss_of(plan, *batch), lambda average: measure_of(average, held),
          Path(arguments.out), arguments.every)
