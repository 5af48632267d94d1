"""Floating-point operations of the baselines."""

import torch

from ordo_training.config import Config
from ordo_training.flops import flops, one_image

from .denoiser import Denoiser


def evaluation_flops(config: Config) -> int:
    """Operations of the denoiser for one noisy image under one class."""
    return flops(Denoiser(config), one_image(config), torch.zeros(1), torch.zeros(1, dtype=torch.int64))
