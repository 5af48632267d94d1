"""The hybrid objective: beside the likelihood, the posterior of the true class over the wrong ones nearest to it."""

import torch
import torch.nn.functional as F

from .config_problems import MOST_RIVALS
from .model import AnyOrder, likelihoods

SHARE = 8
"""One image in so many of a batch is read under several classes."""
GLIMPSE = 16
"""Tokens that are read to find the nearest."""


@torch.no_grad()
def rivals(model: AnyOrder, tokens: torch.Tensor, labels: torch.Tensor, order: torch.Tensor,
           count: int) -> torch.Tensor:
    """The wrong classes under which the first tokens of each image are likeliest, int64 [B, count]."""
    classes = model.category.num_embeddings
    lots = torch.rand(len(labels), classes, device=labels.device).scatter(1, labels[:, None], -1)
    drawn = lots.topk(min(MOST_RIVALS, classes - 1)).indices
    return drawn.gather(1, likelihoods(model, tokens, order[:, :GLIMPSE], drawn).topk(count).indices)


def posterior_loss(model: AnyOrder, tokens: torch.Tensor, labels: torch.Tensor, order: torch.Tensor,
                   count: int) -> torch.Tensor:
    """Minus the log-posterior of the true class among `count` rivals by Bayes' rule, all equally likely before; nats.

    Of tokens [B, N], labels [B] and order [B, T], all int64, the first images of the batch are read.
    """
    few = max(1, len(labels) // SHARE)
    tokens, labels, order = tokens[:few], labels[:few], order[:few]
    categories = torch.cat([labels[:, None], rivals(model, tokens, labels, order, count)], 1)
    return F.cross_entropy(likelihoods(model, tokens, order, categories), torch.zeros_like(labels))
