from pathlib import Path

import numpy as np
import torch

from ordo_training.config import Config
from ordo_training.robustness import cells_of, measure, module_classifier, package_classifier, results_of
from ordo_training.shapes import draw_shape
from ordo_training.store import Store

PACKAGE = Path(__file__).parents[2] / "models" / "tiny"
TRACKS = np.array(["a", "a", "b", "b"])


class Bright(torch.nn.Module):
    """Class 1 for bright images and class 0 for dark ones, with little doubt."""

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        margin = (pixels.mean((1, 2, 3)) - 127) / 10
        return torch.stack([-margin, margin], 1).log_softmax(-1)


def plain(*levels: int) -> np.ndarray:
    return np.stack([np.full((32, 32, 3), level, np.uint8) for level in levels])


def test_a_corruption_that_fools_the_classifier_shows_in_its_row_alone():
    pixels, labels = plain(100, 105, 180, 190), np.array([0, 0, 1, 1])
    cells = cells_of(["brightness", "jpeg"], [1, 5])
    figures = results_of(measure(module_classifier(Bright()), pixels, cells, 0, Store(None, {})), labels, TRACKS)
    assert figures["clean"]["accuracy"] == 1
    assert figures["corruptions"]["brightness"]["5"]["accuracy"] == 0.5
    assert figures["corruptions"]["jpeg"]["5"]["accuracy"] == 1
    assert figures["byCorruption"]["brightness"]["accuracy"] == 0.75
    assert figures["bySeverity"]["5"]["accuracy"] == 0.75 and figures["bySeverity"]["1"]["accuracy"] == 1
    assert figures["mean"]["accuracy"] == 0.875
    assert figures["bySeverity"]["5"]["nll"] > figures["bySeverity"]["1"]["nll"]


def test_which_images_are_right_is_kept_for_every_cell():
    pixels, labels = plain(100, 105, 180, 190), np.array([0, 0, 1, 1])
    cells = cells_of(["brightness"], [5])
    figures = results_of(measure(module_classifier(Bright()), pixels, cells, 0, Store(None, {})), labels, TRACKS)
    assert figures["rightByImage"] == {"clean 0": "1111", "brightness 5": "0011"}
    assert figures["trackOfImage"] == "0 0 1 1"


def test_every_track_counts_once_in_an_interval_however_many_corruptions_it_has():
    pixels, labels = plain(100, 105, 180, 190), np.array([0, 0, 1, 1])
    cells = cells_of(["brightness"], [5])
    figures = results_of(measure(module_classifier(Bright()), pixels, cells, 0, Store(None, {})), labels, TRACKS)
    assert figures["mean"]["interval"] == [0.0, 1.0]


def test_a_package_classifies_drawn_shapes_and_less_so_when_they_are_small(config: Config):
    pixels = np.stack([draw_shape(i % 8, 16, np.random.default_rng(i)) for i in range(16)])
    labels, tracks = np.arange(16) % 8, np.arange(16)
    with package_classifier(config, PACKAGE, 2, 16, 1) as classify:
        figures = results_of(measure(classify, pixels, cells_of(["small"], [5]), 0, Store(None, {})), labels, tracks)
    assert figures["clean"]["accuracy"] > 0.8
    assert figures["mean"]["accuracy"] < figures["clean"]["accuracy"]
