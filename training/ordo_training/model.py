"""The any-order transformer: the next token's distribution at a named place, given tokens at others and a class."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from .block import Block, rotation_table
from .conditioned import ConditionedBlock
from .config import Config
from .devices import mixed_precision


class AnyOrder(nn.Module):
    """Element i of a row holds token i - 1 of the order, its place and the place to be predicted.

    The class is added to every element before block `class_from`, the first in the usual case, or sets the
    normalizations of all blocks.

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
        self.by_norms = shape.class_by == "norms"
        kind = ConditionedBlock if self.by_norms else Block
        self.blocks = nn.ModuleList(kind(shape.width, shape.width // shape.head_width, shape.dropout)
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
        x = self.through(x, named, (query_turns, key_turns, self.mask[:length, :length]))
        return self.out(F.gelu(self.hidden(self.norm(x))))

    def through(self, x: torch.Tensor, named: torch.Tensor, how: tuple[torch.Tensor, ...]) -> torch.Tensor:
        """Elements [B, T, width] and the class [B, 1, width] through all blocks; `how` is turns and mask."""
        if self.by_norms:
            for block in self.blocks:
                x = block(x, *how, F.silu(named[:, 0]))
            return x
        for number, block in enumerate(self.blocks):
            x = block(x + named if number == self.class_from else x, *how)
        return x + named if self.class_from == len(self.blocks) else x


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
