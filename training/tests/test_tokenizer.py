from dataclasses import replace

import torch

from ordo_training.config import Config
from ordo_training.tokenizer import Normalize, Quantize, Tokenizer


def test_quantize_reaches_every_level_and_no_other():
    quantize = Quantize((4, 3))
    spread = torch.linspace(-6, 6, 200)
    values = torch.stack(torch.meshgrid(spread, spread, indexing="ij"))[None]
    tokens = quantize.tokens(values)
    assert sorted(tokens.unique().tolist()) == list(range(12))


def test_tokens_and_values_are_inverse():
    quantize = Quantize((4, 4, 4))
    values = torch.randn(5, 3, 8, 8) * 2
    tokens = quantize.tokens(values)
    assert tokens.dtype == torch.int32
    assert torch.allclose(quantize.values(tokens, 8, 8), quantize(values), atol=1e-6)


def test_gradient_passes_the_rounding():
    values = torch.zeros(1, 2, 1, 1, requires_grad=True)
    Quantize((4, 4))(values).sum().backward()
    assert (values.grad.abs() > 0.1).all()


def test_normalization_takes_lighting_away():
    images = torch.rand(2, 3, 16, 16) * 100 + 50
    assert torch.allclose(Normalize()(images), Normalize()(images * 1.2 + 20), atol=0.03)


def test_shapes(config: Config):
    tokenizer = Tokenizer(config.tokenizer).eval()
    pixels = torch.rand(2, 3, 16, 16) * 255
    images, painted, values = tokenizer(pixels)
    assert painted.shape == images.shape == (2, 3, 16, 16)
    assert values.shape == (2, 2, *config.grid)
    assert tokenizer.tokens(pixels).shape == (2, config.positions)


def test_a_fourth_number_of_channels_halves_the_grid_again(config: Config):
    coarse = replace(config, tokenizer=replace(config.tokenizer, channels=(*config.tokenizer.channels, 24)))
    assert coarse.grid == (config.grid[0] // 2, config.grid[1] // 2)
    images, painted, values = Tokenizer(coarse.tokenizer).eval()(torch.rand(2, 3, 16, 16) * 255)
    assert painted.shape == images.shape
    assert values.shape[2:] == coarse.grid
