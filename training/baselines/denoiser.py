"""A class-conditional denoiser: a diffusion transformer as wide and as deep as the any-order transformer."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ordo_training.block import rotation_table
from ordo_training.conditioned import ConditionedBlock, modulate
from ordo_training.config import Config

from .transformer import PATCH, patch_grid, patches_of


def levels(times: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Shares of signal and noise, each float [B, 1, 1, 1], at times [B] from 0 (image) to 1 (noise).

    The cosine schedule of Nichol and Dhariwal 2021 (arXiv 2102.09672, eq. 17); the squares of the shares sum to one.
    """
    start = torch.tensor(0.008 / 1.008 * torch.pi / 2)
    signal = ((times + 0.008) / 1.008 * torch.pi / 2).cos() / start.cos()
    signal = signal.clamp(0, 1).view(-1, 1, 1, 1)
    return signal, (1 - signal.square()).sqrt()


def diffuse(images: torch.Tensor, noise: torch.Tensor, times: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Noisy images and the velocities to predict from them, all float [B, 3, H, W], at times [B].

    Velocity: signal share x noise - noise share x image (Salimans and Ho 2022, arXiv 2202.00512).
    """
    signal, spread = levels(times)
    return signal * images + spread * noise, signal * noise - spread * images


def time_features(times: torch.Tensor, width: int) -> torch.Tensor:
    """Sines and cosines of times [B] in 0 to 1, float [B, width]; wavelengths from 0.006 to some 60."""
    frequencies = 1000 * torch.exp(-torch.arange(width // 2) * (9.21 / (width // 2)))
    angles = times[:, None] * frequencies
    return torch.cat([angles.cos(), angles.sin()], 1)


class Denoiser(nn.Module):
    """The velocity of a noisy image of a class, read in patches of 4 x 4 pixels.

    Width, blocks, heads and rotary positions are those of the any-order transformer of the same configuration.
    """

    def __init__(self, config: Config):
        super().__init__()
        shape = config.model
        width, channels = shape.width, 3 * PATCH**2
        self.grid = rows, columns = patch_grid(config)
        self.patch = nn.Linear(channels, width)
        self.place = nn.Parameter(torch.randn(1, rows * columns, width) * 0.02)
        self.time = nn.Sequential(nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width))
        self.category = nn.Embedding(len(config.classes), width)
        nn.init.normal_(self.category.weight, std=0.1)
        self.blocks = nn.ModuleList(ConditionedBlock(width, width // shape.head_width, 0.0)
                                    for _ in range(shape.blocks))
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.modulation = nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, channels)
        for layer in (self.modulation, self.out):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
        table = rotation_table(*self.grid, shape.head_width)[:, None, None, :-1]
        self.register_buffer("key_turns", table, persistent=False)
        self.register_buffer("query_turns", table * shape.head_width**-0.5, persistent=False)
        self.register_buffer("mask", torch.zeros(()), persistent=False)

    def forward(self, noisy: torch.Tensor, times: torch.Tensor, category: torch.Tensor) -> torch.Tensor:
        """Velocities [B, 3, H, W] from noisy images [B, 3, H, W], times [B] in 0 to 1 and class ids [B]."""
        x = self.patch(patches_of(noisy)) + self.place
        condition = F.silu(self.time(time_features(times, x.shape[-1])) + self.category(category))
        for block in self.blocks:
            x = block(x, self.query_turns, self.key_turns, self.mask, condition)
        shift, scale = self.modulation(condition)[:, None].chunk(2, -1)
        patches = self.out(modulate(self.norm(x), shift, scale)).transpose(1, 2)
        return F.pixel_shuffle(patches.unflatten(2, self.grid), PATCH)
