"""Floating-point operations, counted as PyTorch runs: matrix products and convolutions, two for a multiply-add."""

from collections.abc import Callable

import torch
from torch.utils.flop_counter import FlopCounterMode

from .config import Config
from .model import AnyOrder
from .tokenizer import Tokenizer


def flops(function: Callable, *arguments) -> int:
    """Operations of one call."""
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        function(*arguments)
    return counter.get_total_flops()


def one_image(config: Config) -> torch.Tensor:
    """An empty image, float [1, 3, H, W]."""
    return torch.zeros(1, 3, config.image.height, config.image.width)


def encoder_flops(config: Config) -> int:
    """Operations from one image's pixels to its tokens."""
    return flops(Tokenizer(config.tokenizer).eval().tokens, one_image(config))


def row_flops(config: Config, prefix: int) -> int:
    """Operations of the any-order transformer for one order of one image under one class, read to a prefix."""
    tokens = torch.zeros(1, config.positions, dtype=torch.int64)
    order = torch.arange(prefix)[None]
    return flops(AnyOrder(config).eval(), tokens, order, torch.zeros(1, dtype=torch.int64))
