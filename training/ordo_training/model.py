"""The any-order transformer: the next token's distribution at a named place, given tokens at others and a class."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from .config import Config
from .devices import mixed_precision


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

    def forward(self, x: torch.Tensor, query_turns: torch.Tensor, key_turns: torch.Tensor,
                mask: torch.Tensor) -> torch.Tensor:
        x = x + self.dropout(self.attend(self.attention_norm(x), query_turns, key_turns, mask))
        return x + self.dropout(self.feed_out(F.gelu(self.feed_in(self.feed_norm(x)))))


class AnyOrder(nn.Module):
    """Element i of a row holds token i - 1 of the order, its place and the place to be predicted.

    The class is added to every element before block `class_from`, the first in the usual case.

    A query turns by the place to be predicted and a key by the place of its own token, so that attention
    sees how far each known token lies from the one in question.
    """

    def __init__(self, config: Config):
        super().__init__()
        shape, positions = config.model, config.positions
        self.class_from = shape.class_from
        self.token = nn.Embedding(config.codes, shape.width)
        self.place = nn.Embedding(positions, shape.width)
        self.target = nn.Embedding(positions, shape.width)
        self.category = nn.Embedding(len(config.classes), shape.width)
        self.start = nn.Parameter(torch.zeros(1, 1, shape.width))
        self.blocks = nn.ModuleList(Block(shape.width, shape.width // shape.head_width, shape.dropout)
                                    for _ in range(shape.blocks))
        self.norm = nn.LayerNorm(shape.width)
        self.hidden = nn.Linear(shape.width, shape.head_hidden)
        self.out = nn.Linear(shape.head_hidden, config.codes)
        table = rotation_table(*config.grid, shape.head_width)
        self.register_buffer("key_table", table, persistent=False)
        self.register_buffer("query_table", table * shape.head_width**-0.5, persistent=False)
        self.register_buffer("mask", torch.full((positions, positions), -1e4).triu(1), persistent=False)
        for embedding, spread in ((self.token, 0.02), (self.place, 0.02), (self.target, 0.02), (self.category, 0.1)):
            nn.init.normal_(embedding.weight, std=spread)

    def forward(self, tokens: torch.Tensor, order: torch.Tensor, category: torch.Tensor) -> torch.Tensor:
        """Logits [B, T, codes] from tokens [B, N] in raster order, order [B, T] and class ids [B], all integers."""
        rows, length = order.shape
        known = self.token(tokens.gather(1, order)) + self.place(order)
        known = torch.cat([self.start.expand(rows, 1, -1), known], 1)[:, :length]
        x, named = known + self.target(order), self.category(category)[:, None]
        nowhere = torch.full_like(order[:, :1], self.place.num_embeddings)
        own = torch.cat([nowhere, order], 1)[:, :length]
        query_turns, key_turns = self.query_table[:, order].unsqueeze(2), self.key_table[:, own].unsqueeze(2)
        mask = self.mask[:length, :length]
        for number, block in enumerate(self.blocks):
            x = block(x + named if number == self.class_from else x, query_turns, key_turns, mask)
        x = x + named if self.class_from == len(self.blocks) else x
        return self.out(F.gelu(self.hidden(self.norm(x))))


def log_likelihood(logits: torch.Tensor, tokens: torch.Tensor, order: torch.Tensor) -> torch.Tensor:
    """log p of each token of the order, nats [B, T], from logits [B, T, codes]."""
    wanted = tokens.gather(1, order).unsqueeze(-1)
    return logits.gather(-1, wanted).squeeze(-1) - logits.logsumexp(-1)


def likelihoods(model: AnyOrder, tokens: torch.Tensor, order: torch.Tensor, categories: torch.Tensor) -> torch.Tensor:
    """log p of the ordered tokens of each image under each of its classes, nats.

    Tokens [B, N], order [B, T] and categories [B, K], all int64, give float [B, K].
    """
    rows = categories.shape[1]
    many, ordered = tokens.repeat_interleave(rows, 0), order.repeat_interleave(rows, 0)
    with mixed_precision(tokens.device):
        logits = model(many, ordered, categories.flatten())
    return log_likelihood(logits.float(), many, ordered).sum(1).view_as(categories)
