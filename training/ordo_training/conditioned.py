"""A transformer block under a condition, which sets its normalizations."""

import torch
import torch.nn as nn

from .block import Block


def modulate(x: torch.Tensor, shift: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """Shifts and scales normalized features [B, T, width] by [B, 1, width]."""
    return x * (1 + scale) + shift


class ConditionedBlock(Block):
    """A block whose two layers are shifted, scaled and gated by the condition; a fresh one changes nothing.

    adaLN-Zero of Peebles and Xie 2023 (arXiv 2212.09748).
    """

    def __init__(self, width: int, heads: int, dropout: float):
        super().__init__(width, heads, dropout)
        self.attention_norm = nn.LayerNorm(width, elementwise_affine=False)
        self.feed_norm = nn.LayerNorm(width, elementwise_affine=False)
        self.modulation = nn.Linear(width, 6 * width)
        nn.init.zeros_(self.modulation.weight)
        nn.init.zeros_(self.modulation.bias)

    def forward(self, x: torch.Tensor, query_turns: torch.Tensor, key_turns: torch.Tensor, mask: torch.Tensor,
                condition: torch.Tensor) -> torch.Tensor:
        """Features [B, T, width] under a condition [B, width]."""
        parts = self.modulation(condition)[:, None].chunk(6, -1)
        shift, scale, gate = parts[:3]
        seen = self.attend(modulate(self.attention_norm(x), shift, scale), query_turns, key_turns, mask)
        x = x + gate * self.dropout(seen)
        shift, scale, gate = parts[3:]
        return x + gate * self.dropout(self.feed(modulate(self.feed_norm(x), shift, scale)))
