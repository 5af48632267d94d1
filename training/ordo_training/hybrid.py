"""The hybrid objective: beside the likelihood, the posterior of the true class over the wrong ones nearest to it."""

import torch
import torch.nn.functional as F

from .devices import mixed_precision
from .model import AnyOrder, log_likelihood

SHARE = 8
"""One image in so many of a batch is read under several classes."""
CANDIDATES = 64
"""Wrong classes among which the nearest are looked for, at most."""
GLIMPSE = 16
"""Tokens that are read to find the nearest."""


def likelihoods(model: AnyOrder, tokens: torch.Tensor, order: torch.Tensor, categories: torch.Tensor) -> torch.Tensor:
    """log p of the ordered tokens of each image under each of its classes, nats.

    Tokens [B, N], order [B, T] and categories [B, K], all int64, give float [B, K].
    """
    rows = categories.shape[1]
    many, ordered = tokens.repeat_interleave(rows, 0), order.repeat_interleave(rows, 0)
    with mixed_precision(tokens.device):
        logits = model(many, ordered, categories.flatten())
    return log_likelihood(logits.float(), many, ordered).sum(1).view_as(categories)


@torch.no_grad()
def rivals(model: AnyOrder, tokens: torch.Tensor, labels: torch.Tensor, order: torch.Tensor,
           count: int) -> torch.Tensor:
    """The wrong classes under which the first tokens of each image are likeliest, int64 [B, count]."""
    classes = model.category.num_embeddings
    lots = torch.rand(len(labels), classes, device=labels.device).scatter(1, labels[:, None], -1)
    drawn = lots.topk(min(CANDIDATES, classes - 1)).indices
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
