import copy
import time
from pathlib import Path

import pytest
import torch

from baselines.classifier import Classifier, load_classifier, predict
from baselines.supervised import class_loss
from baselines.trainer import BaselineRun, Plan, start, train
from ordo_training.config import Config
from ordo_training.runs import advance

PLAN = Plan(minutes=0.01, batch=8)


def fresh(config: Config, plan: Plan = PLAN, kind: str = "vit") -> BaselineRun:
    torch.manual_seed(0)
    return start(Classifier(kind, config, plan.dropout), kind, plan, [])


def batch_of(config: Config, count: int = 16) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(1)
    pixels = torch.rand(count, 3, config.image.height, config.image.width) * 255
    return pixels, torch.arange(count) % len(config.classes)


def step(run: BaselineRun, config: Config, rate: float = 0.003) -> float:
    run.model.train()
    loss = class_loss(run.plan, run.model, *batch_of(config))
    advance(run, loss, rate, run.plan.average)
    return loss.item()


@pytest.mark.parametrize("kind", ["cnn", "vit", "probe"])
def test_every_kind_learns_a_batch(kind: str, config: Config):
    run = fresh(config, kind=kind)
    losses = [step(run, config, 0.01) for _ in range(30)]
    assert losses[-1] < 0.9 * losses[0]


def test_a_restored_run_goes_on_exactly_as_it_would_have(config: Config):
    run, other = fresh(config), fresh(config)
    for _ in range(3):
        step(run, config)
    other.restore(copy.deepcopy(run.state()))
    assert [step(other, config) for _ in range(3)] == [step(run, config) for _ in range(3)]
    assert other.step == 6


def test_the_average_keeps_the_share_of_the_past_that_is_asked_for(config: Config):
    run = fresh(config, Plan(minutes=1, average=0.0), "cnn")
    step(run, config)
    now, average = run.model.state_dict(), run.average.state_dict()
    assert all(torch.equal(now[name], average[name]) for name in now if now[name].is_floating_point())
    slow = fresh(config, Plan(minutes=1, average=0.99), "cnn")
    step(slow, config)
    name = "network.head.weight"
    before = fresh(config, kind="cnn").model.state_dict()[name]
    expected = before + (1 - 1 / 51) * (slow.model.state_dict()[name] - before)
    assert torch.allclose(slow.average.state_dict()[name], expected, atol=1e-6)


def test_deeper_layers_learn_more_slowly_by_the_layer_decay(config: Config):
    run = fresh(config, Plan(minutes=1, layer_decay=0.5))
    step(run, config, rate=1.0)
    rates = {id(group["params"][0]): group["lr"] for one in run.optimizers for group in one.param_groups}
    by_name = {name: rates[id(weight)] for name, weight in run.model.named_parameters()}
    assert config.model.blocks == 2
    assert by_name["network.head.weight"] == by_name["network.encoder.body.norm.weight"] == 1
    assert by_name["network.encoder.body.blocks.1.feed_in.weight"] == 0.5
    assert by_name["network.encoder.body.blocks.0.feed_norm.bias"] == 0.25
    assert by_name["network.encoder.patch.weight"] == by_name["network.encoder.body.place.weight"] == 0.125


def test_muon_takes_the_matrices_of_the_blocks_and_only_if_asked(config: Config):
    adam, muon = fresh(config).optimizers
    assert len(muon.param_groups) == 4 * config.model.blocks
    assert all(group["params"][0].dim() == 2 for group in muon.param_groups)
    alone, = fresh(config, Plan(minutes=1, muon=False)).optimizers
    assert len(alone.param_groups) == len(adam.param_groups) + len(muon.param_groups)


def test_a_probe_leaves_its_encoder_as_it_is(config: Config):
    run = fresh(config, kind="probe")
    before = copy.deepcopy(run.model.network.encoder.state_dict())
    step(run, config)
    after = run.model.network.encoder.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_training_ends_with_its_cpu_time_and_does_not_count_the_measuring(config: Config, tmp_path: Path):
    run, spent, path = fresh(config), [], tmp_path / "run.pt"
    pixels, labels = batch_of(config)
    data = pixels.byte().permute(0, 2, 3, 1), labels

    def measure(average: torch.nn.Module) -> str:
        began = time.process_time()
        while time.process_time() - began < 0.2:
            pass
        spent.append(0.2)
        return "slow"

    began = time.process_time()
    train(run, config, data, lambda *batch: class_loss(PLAN, *batch), measure, path, every=0.004)
    used = time.process_time() - began
    assert len(spent) >= 2
    assert 60 * PLAN.minutes <= run.seconds <= used - sum(spent)
    stage, = torch.load(path)["training"]
    assert stage["steps"] == run.step and stage["cpuMinutes"] == run.seconds / 60
    assert torch.equal(predict(load_classifier(path, config), pixels), predict(run.average, pixels))
