"""Classifiers trained from labels alone: a residual convolutional network or a vision transformer."""

import argparse

import torch
import torch.nn as nn
import torch.nn.functional as F

from ordo_training.config import Config
from ordo_training.images import ends_by_sentence

from .classifier import Classifier, predict
from .trainer import Data, Plan, add_arguments, launch

PLANS = {"cnn": Plan(minutes=155, smoothing=0.05, dropout=0.1, muon=False),
         "vit": Plan(minutes=155, smoothing=0.05, dropout=0.1)}


def class_loss(plan: Plan, classifier: nn.Module, pixels: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Cross-entropy with label smoothing, nats."""
    return F.cross_entropy(classifier(pixels), labels, label_smoothing=plan.smoothing)


def figures(classifier: nn.Module, held: Data) -> dict[str, float]:
    """Accuracy and negative log-likelihood of the label in nats, on pixels uint8 [B, H, W, 3] and class ids [B]."""
    pixels, labels = held
    log_posterior = predict(classifier, pixels.permute(0, 3, 1, 2))
    return {"accuracy": (log_posterior.argmax(1) == labels).float().mean().item(),
            "nll": F.nll_loss(log_posterior, labels).item()}


@ends_by_sentence
def main() -> None:
    """Trains, or goes on where the checkpoint stands."""
    parser = argparse.ArgumentParser(description="Train a classifier from labels.")
    parser.add_argument("--kind", required=True, choices=PLANS)
    add_arguments(parser)
    arguments = parser.parse_args()

    def build(config: Config, plan: Plan) -> tuple[Classifier, list[dict]]:
        return Classifier(arguments.kind, config, plan.dropout), []

    launch(arguments, PLANS[arguments.kind], arguments.kind, build, class_loss, figures)


if __name__ == "__main__":
    main()
