import copy
from dataclasses import replace

import pytest
import torch
from stirred import stirred

from ordo_training import hybrid
from ordo_training.config import Config
from ordo_training.hybrid import posterior_loss, rivals
from ordo_training.model import AnyOrder, likelihoods, log_likelihood
from ordo_training.orders import random_orders
from ordo_training.runs import Run, advance
from ordo_training.train_model import generative_loss, training_loss


@pytest.fixture(autouse=True)
def in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ordo_training.devices.has_bfloat16", lambda device: False)


@pytest.fixture
def model(config: Config) -> AnyOrder:
    return stirred(AnyOrder, config)


def batch(config: Config, rows: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    torch.manual_seed(1)
    return (torch.randint(0, config.codes, (rows, config.positions)), torch.arange(rows) % len(config.classes),
            random_orders(rows, config.positions, config.positions))


@torch.no_grad()
def likelihood_of(model: AnyOrder, image: torch.Tensor, places: torch.Tensor, category: int) -> float:
    logits = model(image[None], places[None], torch.tensor([category]))
    return log_likelihood(logits, image[None], places[None]).sum().item()


def test_the_likelihoods_of_a_batch_are_those_of_each_image_under_each_class(model: AnyOrder, config: Config):
    tokens, _, order = batch(config, 3)
    categories = torch.tensor([[0, 5], [7, 1], [2, 2]])
    with torch.no_grad():
        found = likelihoods(model, tokens, order, categories)
    wanted = [[likelihood_of(model, tokens[i], order[i], int(c)) for c in categories[i]] for i in range(3)]
    assert torch.allclose(found, torch.tensor(wanted), atol=1e-3)


def test_the_rivals_are_the_wrong_classes_that_explain_the_first_tokens_best(
        model: AnyOrder, config: Config, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hybrid, "GLIMPSE", 5)
    tokens, labels, order = batch(config, 10)
    found = rivals(model, tokens, labels, order, 3)
    for i, label in enumerate(labels.tolist()):
        wrong = [c for c in range(len(config.classes)) if c != label]
        best = sorted(wrong, key=lambda c: -likelihood_of(model, tokens[i], order[i, :5], c))[:3]
        assert found[i].tolist() == best


def test_the_loss_is_minus_the_log_posterior_by_bayes_rule_over_an_eighth_of_the_batch(
        model: AnyOrder, config: Config):
    tokens, labels, order = batch(config, 16)
    wanted = []
    for i in range(2):
        classes = [int(labels[i]), *rivals(model, tokens, labels, order, 2)[i].tolist()]
        values = torch.tensor([likelihood_of(model, tokens[i], order[i], c) for c in classes])
        wanted.append(values.logsumexp(0) - values[0])
    assert posterior_loss(model, tokens, labels, order, 2).item() == pytest.approx(
        torch.stack(wanted).mean().item(), abs=1e-3)


def test_the_posterior_counts_at_its_weight_and_not_at_all_at_zero(model: AnyOrder, config: Config):
    run, data = Run(model, model, []), batch(config, 8)
    weighted = replace(config, model_training=replace(config.model_training, hybrid=0.5))
    generative, posterior = generative_loss(run, *data), posterior_loss(model, *data, 3)
    assert training_loss(run, config, *data) == generative
    assert training_loss(run, weighted, *data).item() == pytest.approx((generative + 0.5 * posterior).item(), abs=1e-3)


def test_steps_on_the_loss_tell_the_classes_apart(model: AnyOrder, config: Config):
    data = batch(config, 8)
    run = Run(model, copy.deepcopy(model), [torch.optim.AdamW(model.parameters())])
    before = posterior_loss(model, *data, 7).item()
    for _ in range(20):
        advance(run, posterior_loss(model, *data, 7), 0.003, 0.9)
    assert posterior_loss(model, *data, 7).item() < before / 2
