"""Training in several single-threaded processes that share their gradients once a step.

On a busy machine this is faster than one process with several threads, which wait for each other in every layer.
"""

import os
import socket
import sys
from collections.abc import Callable, Iterable

import torch
import torch.distributed as distributed

from .devices import best_device


def _enter(rank: int, count: int, port: int, target: Callable, arguments: tuple) -> None:
    """The start of one worker."""
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", rank=rank, world_size=count)
    target(rank, count, *arguments)
    distributed.destroy_process_group()


def launch(count: int, target: Callable, *arguments) -> None:
    """Runs target(rank, count, *arguments) in `count` processes and waits for them; ends with the first that ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    try:
        torch.multiprocessing.spawn(_enter, (count, port, target, arguments), nprocs=count)
    except torch.multiprocessing.ProcessExitedException as error:
        if error.signal_name:
            raise
        sys.exit(error.exit_code)  # the process itself has said why


def mean_gradients(weights: Iterable[torch.nn.Parameter]) -> None:
    """Replaces every gradient by its mean over the workers."""
    if distributed.get_world_size() == 1:
        return
    gradients = [weight.grad for weight in weights]
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    distributed.all_reduce(flat)
    flat /= distributed.get_world_size()
    parts = flat.split([gradient.numel() for gradient in gradients])
    for gradient, part in zip(gradients, parts, strict=True):
        gradient.copy_(part.view_as(gradient))


def sum_number(value: float) -> float:
    """The sum of a number over the workers."""
    if distributed.get_world_size() == 1:
        return float(value)
    shared = torch.tensor([value], dtype=torch.float64)
    distributed.all_reduce(shared)
    return shared.item()


def mean_number(value: float) -> float:
    """The mean of a number over the workers."""
    return sum_number(value) / distributed.get_world_size()


def usual_workers(batch: int) -> int:
    """One worker for each core that this process may use, each with 16 images of a batch or more; one on a GPU."""
    if best_device().type != "cpu":
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, batch // 16))
