"""The proposer: a small network that names the classes worth reading, from an image's tokens alone."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from .config import Config


class Proposer(nn.Module):
    """int32 tokens [B, N] to the log-posterior of every class, nats [B, classes].

    It costs less than one row of the transformer, and it is never asked for the label: only for which classes cannot
    be it. In training a random share of the places is hidden, so that it does not lean on a few of them.
    """

    def __init__(self, config: Config, channels: int = 64):
        super().__init__()
        rows, columns = config.grid
        cells = ((rows + 1) // 2) * ((columns + 1) // 2)
        self.grid, self.hidden = config.grid, config.codes
        self.token = nn.Embedding(config.codes + 1, channels // 2)
        self.body = nn.Sequential(nn.Conv2d(channels // 2, channels, 3, padding=1), nn.BatchNorm2d(channels), nn.GELU(),
                                  nn.Conv2d(channels, channels, 3, 2, 1), nn.BatchNorm2d(channels), nn.GELU(),
                                  nn.Flatten(), nn.Dropout(0.2), nn.Linear(channels * cells, len(config.classes)))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        tokens = tokens.long()
        if self.training:
            away = torch.rand(tokens.shape) < torch.rand(len(tokens), 1) * 0.6
            tokens = tokens.masked_fill(away, self.hidden)
        codes = self.token(tokens).transpose(1, 2).unflatten(2, self.grid)
        return F.log_softmax(self.body(codes), -1)
