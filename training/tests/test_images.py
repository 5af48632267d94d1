from dataclasses import replace

import numpy as np
import torch

from ordo_training.augment import augment, warp
from ordo_training.config import Config
from ordo_training.golden import drawn_images
from ordo_training.model import AnyOrder
from ordo_training.paint import sample_tokens
from ordo_training.shapes import SHAPES, draw_shape


def test_every_shape_is_drawn_and_depends_on_the_seed_only():
    for class_id in range(len(SHAPES)):
        first = draw_shape(class_id, 16, np.random.default_rng(3))
        assert first.shape == (16, 16, 3) and first.dtype == np.uint8
        assert (first == draw_shape(class_id, 16, np.random.default_rng(3))).all()
        assert np.abs(first.astype(int) - np.median(first, (0, 1))).max() > 60


def test_augmentation_keeps_the_shape_and_the_range(config: Config):
    pixels = torch.randint(0, 256, (32, 16, 16, 3), dtype=torch.uint8)
    changed = augment(pixels, config.augmentation)
    assert changed.shape == (32, 3, 16, 16)
    assert changed.min() >= 0 and changed.max() <= 255
    assert not torch.allclose(changed, pixels.permute(0, 3, 1, 2).float(), atol=5)


def test_augmentation_of_strength_zero_changes_nothing(config: Config):
    none = replace(config.augmentation, **{name: 0.0 for name in vars(config.augmentation)})
    pixels = torch.randint(0, 256, (8, 16, 16, 3), dtype=torch.uint8)
    assert torch.allclose(augment(pixels, none), pixels.permute(0, 3, 1, 2).float(), atol=0.05)


def test_a_mirrored_image_is_the_image_from_right_to_left(config: Config):
    mirrored = replace(config.augmentation, **{name: float(name == "flip") for name in vars(config.augmentation)})
    pixels = torch.randint(0, 256, (8, 16, 16, 3), dtype=torch.uint8)
    assert torch.allclose(augment(pixels, mirrored), pixels.permute(0, 3, 1, 2).flip(3).float(), atol=0.05)


def test_an_image_that_is_not_square_is_turned_and_not_sheared(config: Config):
    settings = replace(config.augmentation, **{name: 0.5 * (name == "rotation") for name in vars(config.augmentation)})
    disc = (torch.arange(64)[:, None] - 31.5).square() + (torch.arange(128) - 63.5).square() < 20**2
    torch.manual_seed(0)
    turned = warp(disc.float().expand(8, 3, 64, 128), settings)
    assert (turned - disc.float()).abs().mean() < 0.01


def test_golden_images_have_the_shape_of_the_model(config: Config):
    wide = replace(config, image=replace(config.image, width=24))
    assert drawn_images(wide, 3).shape == (3, 16, 24, 3)


def test_sampling_fills_every_place(config: Config):
    torch.manual_seed(0)
    tokens = sample_tokens(AnyOrder(config).eval(), config, torch.tensor([0, 3, 5]))
    assert tokens.shape == (3, config.positions)
    assert tokens.min() >= 0 and tokens.max() < config.codes and len(tokens.unique()) > 3
