import numpy as np
import pytest
import torch
from stirred import stirred

from baselines.denoiser import Denoiser, levels
from baselines.denoising_errors import MEASURES, ImageErrors, grid_times, live, measured, recorded
from baselines.stages import parse_plan, play
from ordo_training.config import Config

PIXELS = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)


@pytest.fixture
def model(config: Config) -> Denoiser:
    return stirred(Denoiser, config)


def test_noise_depends_on_the_seed_and_the_pixels_only(model: Denoiser):
    first, again = ImageErrors(model, PIXELS, 9, 0), ImageErrors(model, PIXELS, 9, 0)
    assert torch.equal(first.noisy, again.noisy)
    assert not torch.equal(first.noisy, ImageErrors(model, PIXELS, 9, 1).noisy)
    assert not torch.equal(first.velocity, ImageErrors(model, 255 - PIXELS, 9, 0).velocity)


def test_only_what_a_plan_asks_for_is_evaluated_and_its_replay_gives_the_same_outcome(model: Denoiser):
    for measure in MEASURES:
        source, plan = ImageErrors(model, PIXELS, 27, 0), parse_plan("3:4,9:2,27:1")
        outcome = play(plan, 27, 8, live(source, measure))
        assert (~np.isnan(source.errors[..., 0])).sum() == outcome.evaluations == 3 * 8 + 6 * 4 + 18 * 2
        assert play(plan, 27, 8, recorded(source.errors, measure)) == outcome
        with pytest.raises(ValueError, match="not recorded"):
            play(parse_plan("27:1"), 27, 8, recorded(source.errors, measure))


def test_an_error_is_the_same_in_other_company(model: Denoiser):
    alone, together = ImageErrors(model, PIXELS, 9, 0), ImageErrors(model, PIXELS, 9, 0)
    together.complete(np.arange(9), np.arange(8))
    for sample in range(9):
        alone.complete(np.array([sample]), np.array([3]))
    assert np.allclose(alone.errors[:, 3], together.errors[:, 3], rtol=1e-4)


def test_the_measures_are_errors_of_noise_and_velocity(model: Denoiser):
    source = ImageErrors(model, PIXELS, 9, 0)
    source.complete(np.arange(9), np.array([2]))
    signal, spread = levels(grid_times(9))
    with torch.no_grad():
        predicted = model(source.noisy, grid_times(9), torch.full((9,), 2))
    error = (spread * source.noisy + signal * predicted) - (spread * source.noisy + signal * source.velocity)
    expected = {"squared noise": error.square(), "absolute noise": error.abs(),
                "squared velocity": (predicted - source.velocity).square()}
    for measure in MEASURES:
        assert np.allclose(measured(source.errors, measure)[:, 2], expected[measure].mean((1, 2, 3)), rtol=1e-3)
