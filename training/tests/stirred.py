"""Networks whose weights are not those of a start."""

from typing import TypeVar

import torch
import torch.nn as nn

from ordo_training.config import Config

Network = TypeVar("Network", bound=nn.Module)


def stirred(kind: type[Network], config: Config) -> Network:
    """A network of the configuration, each weight moved at random, so that none is zero or like another."""
    torch.manual_seed(0)
    made = kind(config).eval()
    with torch.no_grad():
        for weight in made.parameters():
            weight.add_(torch.randn_like(weight) * 0.1)
    return made
