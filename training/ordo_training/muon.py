"""Muon in single precision: PyTorch's own rounds to bfloat16, which is slow on processors without such arithmetic."""

import torch
import torch.nn as nn

# Coefficients of the quintic iteration of K. Jordan et al., "Muon: an optimizer for hidden layers", 2024.
FIRST, THIRD, FIFTH, ITERATIONS = 3.4445, -4.7750, 2.0315, 5


def orthogonal(matrix: torch.Tensor) -> torch.Tensor:
    """About the nearest matrix with singular values of 1 to a float [rows, columns], by Newton-Schulz iteration."""
    wide = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    x = wide / (wide.norm() + 1e-7)
    for _ in range(ITERATIONS):
        gram = x @ x.T
        x = FIRST * x + (THIRD * gram + FIFTH * gram @ gram) @ x
    return x if matrix.shape[0] <= matrix.shape[1] else x.T


class Muon(torch.optim.Optimizer):
    """Nesterov momentum made orthogonal, with the size of AdamW's steps, 0.2 a weight (arXiv 2502.16982, 2.2)."""

    def __init__(self, groups: list[dict], rate: float, momentum: float = 0.95):
        super().__init__(groups, {"lr": rate, "momentum": momentum, "weight_decay": 0.0})

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            for weight in group["params"]:
                past = self.state[weight].setdefault("momentum", torch.zeros_like(weight))
                past.lerp_(weight.grad, 1 - group["momentum"])
                change = orthogonal(weight.grad.lerp(past, group["momentum"]))
                weight.mul_(1 - group["lr"] * group["weight_decay"])
                weight.sub_(change, alpha=0.2 * max(weight.shape) ** 0.5 * group["lr"])


def optimizers_of(model: nn.Module, rate: float) -> list[torch.optim.Optimizer]:
    """Muon for the matrices of a model's blocks, AdamW for the rest.

    What reads a condition, `modulation`, is left to AdamW: it starts from zero.
    """
    matrices = [weight for name, weight in model.named_parameters()
                if weight.dim() == 2 and name.startswith("blocks") and "modulation" not in name]
    chosen = {id(weight) for weight in matrices}
    rest = [weight for weight in model.parameters() if id(weight) not in chosen]
    return [Muon([{"params": matrices, "weight_decay": 0.05}], rate),
            torch.optim.AdamW(rest, rate, weight_decay=0.01, betas=(0.9, 0.95))]
