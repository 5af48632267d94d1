"""A vision transformer with the blocks of the any-order transformer: each patch sees every other one."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ordo_training.block import Block, rotation_table
from ordo_training.config import Config

PATCH = 4


def patch_grid(config: Config) -> tuple[int, int]:
    """Rows and columns of patches."""
    return config.image.height // PATCH, config.image.width // PATCH


def patches_of(images: torch.Tensor) -> torch.Tensor:
    """Images float [B, 3, H, W] cut into patches of 4 x 4 pixels in raster order, float [B, N, 48]."""
    return F.pixel_unshuffle(images, PATCH).flatten(2).transpose(1, 2)


class Places(nn.Module):
    """Blocks over tokens at places of a grid of patches: learned embeddings of them, rotary attention, no mask."""

    def __init__(self, config: Config, width: int, blocks: int, dropout: float):
        super().__init__()
        head_width, grid = config.model.head_width, patch_grid(config)
        self.place = nn.Embedding(grid[0] * grid[1], width)
        nn.init.normal_(self.place.weight, std=0.02)
        self.blocks = nn.ModuleList(Block(width, width // head_width, dropout) for _ in range(blocks))
        self.norm = nn.LayerNorm(width)
        table = rotation_table(*grid, head_width)
        self.register_buffer("key_table", table, persistent=False)
        self.register_buffer("query_table", table * head_width**-0.5, persistent=False)
        self.register_buffer("mask", torch.zeros(()), persistent=False)

    def forward(self, tokens: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
        """Features float [B, T, width] of tokens float [B, T, width] at places int64 [B or 1, T], in any order."""
        x = tokens + self.place(places)
        query_turns, key_turns = self.query_table[:, places].unsqueeze(2), self.key_table[:, places].unsqueeze(2)
        for block in self.blocks:
            x = block(x, query_turns, key_turns, self.mask)
        return self.norm(x)


class Encoder(nn.Module):
    """Patches to features, with as many blocks of the same width as the any-order transformer."""

    def __init__(self, config: Config, dropout: float = 0.0):
        super().__init__()
        self.patch = nn.Linear(3 * PATCH**2, config.model.width)
        self.body = Places(config, config.model.width, config.model.blocks, dropout)

    def forward(self, patches: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
        """Features float [B, T, width] of patches float [B, T, 48] at places int64 [B or 1, T]."""
        return self.body(self.patch(patches), places)

    def pooled(self, images: torch.Tensor) -> torch.Tensor:
        """The mean feature float [B, width] of normalized images float [B, 3, H, W]."""
        patches = patches_of(images)
        return self(patches, torch.arange(patches.shape[1], device=images.device)[None]).mean(1)


class VisionTransformer(nn.Module):
    """Class logits [B, classes] from normalized images float [B, 3, H, W]: a linear layer on the mean feature."""

    def __init__(self, config: Config, dropout: float = 0.0):
        super().__init__()
        self.encoder = Encoder(config, dropout)
        self.head = nn.Linear(config.model.width, len(config.classes))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.head(self.encoder.pooled(images))


class LinearProbe(nn.Module):
    """Class logits [B, classes] from the mean feature of an encoder that is not trained.

    Batch normalization without weights before the linear layer, as in He et al. 2021 (arXiv 2111.06377, A.1).
    """

    def __init__(self, config: Config, dropout: float = 0.0):
        super().__init__()
        self.encoder = Encoder(config, dropout).requires_grad_(False)
        self.norm = nn.BatchNorm1d(config.model.width, affine=False)
        self.head = nn.Linear(config.model.width, len(config.classes))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.head(self.norm(self.encoder.pooled(images)))
