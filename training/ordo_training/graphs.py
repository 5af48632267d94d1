"""The four graphs of a model package, as modules whose inputs and outputs are those of the package format."""

import torch
import torch.nn as nn

from .config import Config
from .model import AnyOrder, log_likelihood
from .tokenizer import Tokenizer


class EncoderGraph(nn.Module):
    """uint8 [B, height, width, 3] to int32 tokens [B, N]."""

    def __init__(self, tokenizer: Tokenizer):
        super().__init__()
        self.tokenizer = tokenizer

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.tokenizer.tokens(image.permute(0, 3, 1, 2).float())


class DecoderGraph(nn.Module):
    """int32 tokens [B, N] to float [B, height, width, 3], about -1 to 1."""

    def __init__(self, tokenizer: Tokenizer, config: Config):
        super().__init__()
        self.tokenizer, self.grid = tokenizer, config.grid

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.tokenizer.decoder(self.tokenizer.quantize.values(tokens, *self.grid)).permute(0, 2, 3, 1)


class ScoreGraph(nn.Module):
    """int32 tokens [B, N], order [B, T] and category [B] to log-likelihoods, nats [B, T]."""

    def __init__(self, model: AnyOrder):
        super().__init__()
        self.model = model

    def forward(self, tokens: torch.Tensor, order: torch.Tensor, category: torch.Tensor) -> torch.Tensor:
        tokens, order = tokens.long(), order.long()
        return log_likelihood(self.model(tokens, order, category.long()), tokens, order)


class PaintGraph(nn.Module):
    """The inputs of ScoreGraph to logits [B, T, codes]."""

    def __init__(self, model: AnyOrder):
        super().__init__()
        self.model = model

    def forward(self, tokens: torch.Tensor, order: torch.Tensor, category: torch.Tensor) -> torch.Tensor:
        return self.model(tokens.long(), order.long(), category.long())
