"""What every discriminative baseline is to those who use it: pixels in, log-posteriors out."""

from pathlib import Path

import torch
import torch.nn as nn

from ordo_training.config import Config
from ordo_training.flops import flops, one_image
from ordo_training.tokenizer import Normalize

from .convolutional import ConvNet
from .transformer import LinearProbe, VisionTransformer

NETWORKS = {"cnn": ConvNet, "vit": VisionTransformer, "probe": LinearProbe}


class Classifier(nn.Module):
    """Log-posteriors float [B, classes], in nats, from pixels [B, 3, H, W] in 0 to 255, uint8 or float."""

    def __init__(self, kind: str, config: Config, dropout: float = 0.0):
        super().__init__()
        self.normalize = Normalize()
        self.network = NETWORKS[kind](config, dropout)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.network(self.normalize(pixels)).float().log_softmax(-1)


def load_classifier(path: str | Path, config: Config) -> Classifier:
    """The classifier of a checkpoint of any kind, its weights averaged over training, ready to predict."""
    checkpoint = torch.load(path)
    classifier = Classifier(checkpoint["kind"], config)
    classifier.load_state_dict(checkpoint["average"])
    return classifier.eval()


@torch.no_grad()
def predict(classifier: nn.Module, pixels: torch.Tensor, batch: int = 250) -> torch.Tensor:
    """Log-posteriors float [B, classes] of pixels [B, 3, H, W] in 0 to 255, uint8 or float, for any B."""
    return torch.cat([classifier(part) for part in pixels.split(batch)])


def parameters(classifier: nn.Module) -> int:
    """The number of weights."""
    return sum(weight.numel() for weight in classifier.parameters())


def operations(classifier: nn.Module, config: Config) -> int:
    """Floating-point operations to classify one image."""
    return flops(classifier, one_image(config))
