"""A residual convolutional network of about as many weights as the any-order transformer."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ordo_training.config import Config


def _convolution(before: int, after: int, stride: int = 1) -> nn.Sequential:
    """A 3 x 3 convolution followed by batch normalization."""
    return nn.Sequential(nn.Conv2d(before, after, 3, stride, 1, bias=False), nn.BatchNorm2d(after))


class BasicBlock(nn.Module):
    """Two convolutions added to their input [B, C, h, w]: the basic block of He et al. 2016 (arXiv 1512.03385).

    The second normalization starts at zero, so that a fresh block is the identity (arXiv 1706.02677).
    """

    def __init__(self, channels: int):
        super().__init__()
        self.first = _convolution(channels, channels)
        self.second = _convolution(channels, channels)
        nn.init.zeros_(self.second[1].weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(x + self.second(F.relu(self.first(x))))


class ConvNet(nn.Module):
    """Class logits [B, classes] from normalized images float [B, 3, H, W].

    A convolution at full resolution, one block each at a half, a quarter and an eighth, the mean over the places.
    """

    def __init__(self, config: Config, dropout: float = 0.0):
        super().__init__()
        width = config.model.width
        before, layers = width // 4, [_convolution(3, width // 4), nn.ReLU()]
        for channels in (width // 2, width, width * 5 // 4):
            layers += [_convolution(before, channels, 2), nn.ReLU(), BasicBlock(channels)]
            before = channels
        self.body = nn.Sequential(*layers)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(before, len(config.classes))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.head(self.dropout(self.body(images).mean((2, 3))))
