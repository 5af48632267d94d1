"""A transformer block with rotary positions in two dimensions."""

import torch
import torch.nn as nn
import torch.nn.functional as F


def rotation_table(rows: int, columns: int, width: int) -> torch.Tensor:
    """Cosines and sines of two-dimensional rotary positions, float [2, places + 1, width / 2].

    Half of the angles turn with the row and half with the column; the last entry, for "no place", does not turn.
    """
    frequencies = torch.pi / 2 ** torch.linspace(0, 3, width // 4)
    places = torch.arange(rows * columns)
    row, column = places // columns, places % columns
    angles = torch.cat([row[:, None] * frequencies, column[:, None] * frequencies], 1)
    angles = torch.cat([angles, torch.zeros(1, width // 2)])
    return torch.stack([angles.cos(), angles.sin()])


def rotate(x: torch.Tensor, turns: torch.Tensor) -> torch.Tensor:
    """Turns float [B, heads, T, width] by [2, B, 1, T, width / 2]."""
    first, second = x.chunk(2, -1)
    cosine, sine = turns.to(x.dtype)
    return torch.cat([first * cosine - second * sine, first * sine + second * cosine], -1)


class Block(nn.Module):
    """Causal attention and a feed-forward layer, each normalized first and added to its input [B, T, width]."""

    def __init__(self, width: int, heads: int, dropout: float):
        super().__init__()
        self.heads = heads
        self.attention_norm = nn.LayerNorm(width)
        self.queries_keys_values = nn.Linear(width, 3 * width)
        self.attention_out = nn.Linear(width, width)
        self.feed_norm = nn.LayerNorm(width)
        self.feed_in = nn.Linear(width, 4 * width)
        self.feed_out = nn.Linear(4 * width, width)
        self.dropout = nn.Dropout(dropout)

    def attend(self, x: torch.Tensor, query_turns: torch.Tensor, key_turns: torch.Tensor,
               mask: torch.Tensor) -> torch.Tensor:
        """Attention by plain matrix products: at this length faster than the fused kernel's backward pass."""
        rows, length, width = x.shape
        split = self.queries_keys_values(x).view(rows, length, 3, self.heads, width // self.heads)
        queries, keys, values = split.permute(2, 0, 3, 1, 4)
        queries, keys = rotate(queries, query_turns), rotate(keys, key_turns)
        weights = (queries @ keys.transpose(-1, -2) + mask.to(queries.dtype)).softmax(-1).to(values.dtype)
        return self.attention_out((weights @ values).transpose(1, 2).reshape(rows, length, width))

    def feed(self, x: torch.Tensor) -> torch.Tensor:
        """The feed-forward layer, four times as wide inside."""
        return self.feed_out(F.gelu(self.feed_in(x)))

    def forward(self, x: torch.Tensor, query_turns: torch.Tensor, key_turns: torch.Tensor,
                mask: torch.Tensor) -> torch.Tensor:
        """Features [B, T, width] turned by [2, B, 1, T, head width / 2]; the mask is added to the attention."""
        x = x + self.dropout(self.attend(self.attention_norm(x), query_turns, key_turns, mask))
        return x + self.dropout(self.feed(self.feed_norm(x)))
