"""Samples images from a model: places are filled one by one in a random order."""

import torch

from .config import Config
from .model import AnyOrder
from .orders import random_orders


@torch.no_grad()
def sample_tokens(model: AnyOrder, config: Config, categories: torch.Tensor, temperature: float = 0.8) -> torch.Tensor:
    """Tokens int64 [B, N] drawn for the class ids [B], each row in an order of its own."""
    rows = len(categories)
    tokens = torch.zeros(rows, config.positions, dtype=torch.int64)
    order = random_orders(rows, config.positions, config.positions)
    for filled in range(config.positions):
        logits = model(tokens, order[:, :filled + 1], categories)[:, -1]
        drawn = torch.multinomial((logits / temperature).softmax(-1), 1)
        tokens.scatter_(1, order[:, filled:filled + 1], drawn)
    return tokens
