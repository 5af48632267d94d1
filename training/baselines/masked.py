"""A masked autoencoder (He et al. 2021, arXiv 2111.06377): features without labels, then a probe or fine-tuning."""

import argparse

import torch
import torch.nn as nn
import torch.nn.functional as F

from ordo_training.config import Config
from ordo_training.images import ends_by_sentence
from ordo_training.orders import random_orders
from ordo_training.tokenizer import Normalize

from .classifier import Classifier
from .supervised import class_loss, figures
from .trainer import Data, Plan, add_arguments, launch
from .transformer import PATCH, Encoder, Places, patch_grid, patches_of

MASKED, DECODER_BLOCKS = 0.75, 2
PLANS = {"pretrain": Plan(minutes=82),
         "probe": Plan(minutes=5, batch=32, learning_rate=0.03, weight_decay=0.0, muon=False),
         "finetune": Plan(minutes=68, batch=32, learning_rate=0.006, smoothing=0.05, dropout=0.1, layer_decay=0.8)}
KINDS = {"pretrain": "masked", "probe": "probe", "finetune": "vit"}


class MaskedAutoencoder(nn.Module):
    """Paints hidden patches from visible ones: the encoder sees the visible alone, a light decoder all places."""

    def __init__(self, config: Config, dropout: float = 0.0):
        super().__init__()
        width, (rows, columns) = config.model.width // 2, patch_grid(config)
        self.positions, self.visible = rows * columns, round(rows * columns * (1 - MASKED))
        self.normalize = Normalize()
        self.encoder = Encoder(config, dropout)
        self.narrow = nn.Linear(config.model.width, width)
        self.hidden = nn.Parameter(torch.randn(1, 1, width) * 0.02)
        self.decoder = Places(config, width, DECODER_BLOCKS, dropout)
        self.paint = nn.Linear(width, 3 * PATCH**2)

    def forward(self, patches: torch.Tensor, order: torch.Tensor) -> torch.Tensor:
        """Painted patches float [B, N - visible, 48] of the later places of an order int64 [B, N].

        Of the patches float [B, N, 48] in raster order, only those of the first `visible` places are read.
        """
        seen = order[:, :self.visible]
        features = self.narrow(self.encoder(patches.gather(1, seen[..., None].expand(-1, -1, patches.shape[2])), seen))
        hidden = self.hidden.expand(len(order), self.positions - self.visible, -1)
        return self.paint(self.decoder(torch.cat([features, hidden], 1), order)[:, self.visible:])


def targets_of(patches: torch.Tensor) -> torch.Tensor:
    """Patches float [B, N, 48], each brought to mean 0 and variance 1 (section 4.1 of the paper)."""
    variance, mean = torch.var_mean(patches, -1, keepdim=True)
    return (patches - mean) / (variance + 1e-6).sqrt()


def paint_loss(plan: Plan, model: MaskedAutoencoder, pixels: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Mean squared error of the hidden patches under a random mask for each image; the labels are not used."""
    patches = patches_of(model.normalize(pixels))
    order = random_orders(len(pixels), model.positions, model.positions)
    hidden = order[:, model.visible:, None].expand(-1, -1, patches.shape[2])
    return F.mse_loss(model(patches, order), targets_of(patches).gather(1, hidden))


@torch.no_grad()
def paint_figures(model: MaskedAutoencoder, held: Data) -> dict[str, float]:
    """The loss on held-out images; a model that paints the mean of each patch has 1."""
    return {"loss": paint_loss(PLANS["pretrain"], model, held[0].permute(0, 3, 1, 2).float(), held[1]).item()}


def pretrained(kind: str, config: Config, plan: Plan, path: str) -> tuple[Classifier, list[dict]]:
    """A classifier with a fresh head on the encoder of a pretrained checkpoint, and the stages behind it."""
    checkpoint = torch.load(path)
    classifier = Classifier(kind, config, plan.dropout)
    encoder = {name.removeprefix("encoder."): weight for name, weight in checkpoint["average"].items()
               if name.startswith("encoder.")}
    classifier.network.encoder.load_state_dict(encoder)
    return classifier, checkpoint["training"]


@ends_by_sentence
def main() -> None:
    """Pretrains, probes or fine-tunes, or goes on where the checkpoint stands."""
    parser = argparse.ArgumentParser(description="Train a masked autoencoder, or a classifier on its encoder.")
    stages = parser.add_subparsers(dest="stage", required=True)
    for stage in PLANS:
        flags = stages.add_parser(stage)
        add_arguments(flags)
        if stage != "pretrain":
            flags.add_argument("--pretrained", required=True, help="the checkpoint of pretrain")
    arguments = parser.parse_args()
    plan, kind = PLANS[arguments.stage], KINDS[arguments.stage]
    if arguments.stage == "pretrain":
        launch(arguments, plan, kind, lambda config, plan: (MaskedAutoencoder(config, plan.dropout), []),
               paint_loss, paint_figures)
    else:
        launch(arguments, plan, kind, lambda config, plan: pretrained(kind, config, plan, arguments.pretrained),
               class_loss, figures)


if __name__ == "__main__":
    main()
