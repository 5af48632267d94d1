from dataclasses import replace

import pytest
import torch
from stirred import stirred

from ordo_training.config import Config
from ordo_training.model import AnyOrder, log_likelihood
from ordo_training.orders import random_orders


@pytest.fixture(params=["sum", "norms"])
def model(config: Config, request: pytest.FixtureRequest) -> AnyOrder:
    return stirred(AnyOrder, replace(config, model=replace(config.model, class_by=request.param)))


def sample(config: Config, rows: int = 3) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    return (torch.randint(0, config.codes, (rows, config.positions)),
            random_orders(rows, config.positions, config.positions), torch.arange(rows) % len(config.classes))


@torch.no_grad()
def test_a_prediction_depends_on_earlier_tokens_only(model: AnyOrder, config: Config):
    tokens, order, category = sample(config)
    before = model(tokens, order, category)
    for changed in range(config.positions):
        place = order[:, changed:changed + 1]
        other = tokens.scatter(1, place, (tokens.gather(1, place) + 1) % config.codes)
        difference = (model(other, order, category) - before).abs().amax((0, 2))
        assert difference[:changed + 1].max() == 0
        assert changed + 1 == config.positions or difference[changed + 1:].min() > 0


@torch.no_grad()
def test_a_prediction_depends_on_its_own_place_and_not_on_later_ones(model: AnyOrder, config: Config):
    tokens, order, category = sample(config)
    swapped = order.clone()
    swapped[:, [-2, -1]] = order[:, [-1, -2]]
    difference = (model(tokens, swapped, category) - model(tokens, order, category)).abs().amax((0, 2))
    assert difference[:-2].max() == 0
    assert difference[-2] > 0


@torch.no_grad()
def test_a_prefix_reads_the_same_as_the_start_of_the_whole(model: AnyOrder, config: Config):
    tokens, order, category = sample(config)
    whole = model(tokens, order, category)
    for prefix in (1, 2, 7):
        assert torch.allclose(model(tokens, order[:, :prefix], category), whole[:, :prefix], atol=1e-5)


@torch.no_grad()
def test_the_class_is_read_at_every_place(model: AnyOrder, config: Config):
    tokens, order, category = sample(config)
    difference = (model(tokens, order, category + 1) - model(tokens, order, category)).abs().amax((0, 2))
    assert difference.min() > 0


@torch.no_grad()
def test_likelihoods_of_all_codes_sum_to_one(model: AnyOrder, config: Config):
    tokens, order, category = sample(config, 1)
    total = torch.zeros(())
    for code in range(config.codes):
        first = tokens.scatter(1, order[:, :1], code)
        total += log_likelihood(model(first, order, category), first, order)[0, 0].exp()
    assert abs(total.item() - 1) < 1e-5
