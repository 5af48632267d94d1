"""The denoiser's errors on an image under each class, evaluated or recorded."""

import hashlib

import numpy as np
import torch

from ordo_training.tokenizer import Normalize

from .denoiser import Denoiser, diffuse, levels
from .stages import Read

MEASURES = ("squared noise", "absolute noise", "squared velocity")
BATCH = 64


def grid_times(samples: int) -> torch.Tensor:
    """Evenly spaced times [samples]: the middles of equal parts of 0 to 1."""
    return (torch.arange(samples) + 0.5) / samples


class ImageErrors:
    """The denoiser's errors on one image by sample and class, evaluated when first asked for.

    A sample is a time and a noise, shared by all classes. The noise depends on the seed and the pixels only.
    `errors` are means over an image's values of the velocity's error, squared and absolute: float32
    [samples, classes, 2], NaN where nothing asked.
    """

    def __init__(self, model: Denoiser, pixels: np.ndarray, samples: int, seed: int):
        self.model, self.times = model, grid_times(samples)
        digest = hashlib.sha256(seed.to_bytes(8, "big") + pixels.tobytes()).digest()
        generator = torch.Generator().manual_seed(int.from_bytes(digest[:7], "big"))
        image = Normalize()(torch.from_numpy(pixels).permute(2, 0, 1)[None].float())
        noise = torch.randn(samples, *image.shape[1:], generator=generator)
        self.noisy, self.velocity = diffuse(image, noise, self.times)
        self.errors = np.full((samples, model.category.num_embeddings, 2), np.nan, np.float32)

    @torch.inference_mode()
    def evaluate(self, samples: np.ndarray, classes: np.ndarray) -> None:
        """Evaluates pairs of a sample and a class, ids [pairs] each."""
        for part in np.array_split(np.arange(len(samples)), -(-len(samples) // BATCH)):
            at, category = torch.from_numpy(samples[part]), torch.from_numpy(classes[part])
            error = self.model(self.noisy[at], self.times[at], category) - self.velocity[at]
            means = torch.stack([error.square().mean((1, 2, 3)), error.abs().mean((1, 2, 3))], 1)
            self.errors[samples[part], classes[part]] = means.numpy()

    def complete(self, samples: np.ndarray, classes: np.ndarray) -> None:
        """Evaluates what is missing at these samples under these classes."""
        missing = np.argwhere(np.isnan(self.errors[np.ix_(samples, classes)][..., 0]))
        if len(missing):
            self.evaluate(samples[missing[:, 0]], classes[missing[:, 1]])


def measured(errors: np.ndarray, measure: str) -> np.ndarray:
    """Errors [samples, classes, 2] of the velocity as one measure [samples, classes].

    The published measures are of the noise, squared or, for CIFAR-10, absolute: that of the velocity times the share of
    the signal (squared, if it is), as both are errors of the same estimate of the image. The squared error of the
    velocity is what the denoiser is trained on.
    """
    quantity, _, of = measure.partition(" ")
    signal = levels(grid_times(len(errors)))[0].view(-1, 1).numpy()
    weight = {"noise": signal ** (2 if quantity == "squared" else 1), "velocity": 1}[of]
    return errors[..., ("squared", "absolute").index(quantity)] * weight


def live(source: ImageErrors, measure: str) -> Read:
    """Reads errors by evaluating the denoiser where that has not been done."""
    def read(samples: np.ndarray, classes: np.ndarray) -> np.ndarray:
        source.complete(samples, classes)
        return measured(source.errors, measure)[np.ix_(samples, classes)]
    return read


def recorded(errors: np.ndarray, measure: str) -> Read:
    """Reads recorded errors [samples, classes, 2]; ValueError where something was not evaluated."""
    values = measured(errors, measure)

    def read(samples: np.ndarray, classes: np.ndarray) -> np.ndarray:
        found = values[np.ix_(samples, classes)]
        if np.isnan(found).any():
            raise ValueError("the plan asks for errors that were not recorded")
        return found
    return read
