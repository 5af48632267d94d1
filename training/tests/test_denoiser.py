import pytest
import torch
from stirred import stirred

from baselines.denoiser import Denoiser, diffuse, levels
from ordo_training.config import Config


@pytest.fixture
def model(config: Config) -> Denoiser:
    return stirred(Denoiser, config)


def test_the_schedule_goes_from_the_image_to_noise():
    signal, spread = levels(torch.linspace(0, 1, 50))
    assert torch.allclose(signal.square() + spread.square(), torch.ones(50, 1, 1, 1), atol=1e-6)
    assert (signal.flatten().diff() < 0).all()
    assert signal[0] == 1 and signal[-1] < 1e-3


def test_image_and_noise_are_recovered_from_the_noisy_image_and_its_velocity():
    images, noise, times = torch.rand(5, 3, 16, 16), torch.randn(5, 3, 16, 16), torch.rand(5)
    noisy, velocity = diffuse(images, noise, times)
    signal, spread = levels(times)
    assert torch.allclose(signal * noisy - spread * velocity, images, atol=1e-5)
    assert torch.allclose(spread * noisy + signal * velocity, noise, atol=1e-5)


def test_a_fresh_denoiser_predicts_nothing(config: Config):
    predicted = Denoiser(config)(torch.randn(2, 3, 16, 16), torch.rand(2), torch.tensor([0, 1]))
    assert predicted.shape == (2, 3, 16, 16) and (predicted == 0).all()


@torch.no_grad()
def test_the_prediction_depends_on_class_time_and_every_patch(model: Denoiser):
    noisy, times, category = torch.randn(1, 3, 16, 16), torch.tensor([0.5]), torch.tensor([0])
    before = model(noisy, times, category)
    assert (model(noisy, times, category + 1) - before).abs().amin((1, 2, 3)) > 0
    assert (model(noisy, times + 0.1, category) - before).abs().amin((1, 2, 3)) > 0
    changed = noisy.clone()
    changed[..., :4, :4] += 1
    assert (model(changed, times, category) - before)[..., -4:, -4:].abs().min() > 0


@torch.no_grad()
def test_places_are_told_apart(model: Denoiser):
    noisy, times, category = torch.randn(1, 3, 16, 16), torch.tensor([0.5]), torch.tensor([0])
    moved = model(noisy.roll(4, 3), times, category).roll(-4, 3)
    assert not torch.allclose(moved, model(noisy, times, category), atol=1e-3)
