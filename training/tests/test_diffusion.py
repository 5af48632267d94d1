from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from baselines.denoiser import Denoiser
from baselines.diffusion import load_denoiser, spread_times, velocity_loss, work
from ordo_training.config import Config
from ordo_training.data import Row, write_table
from ordo_training.shapes import draw_shape
from ordo_training.workers import launch

CONFIG = Path(__file__).parents[1] / "configs" / "tiny.toml"


@pytest.fixture
def arguments(tmp_path: Path) -> Namespace:
    rows, random = [Row(f"{index}.png", index % 8, str(index)) for index in range(64)], np.random.default_rng(0)
    for row in rows:
        Image.fromarray(draw_shape(row.class_id, 16, random)).save(tmp_path / row.path)
    write_table(tmp_path / "labels.csv", rows)
    table = tmp_path / "labels.csv"
    return Namespace(config=CONFIG, set=[], images=tmp_path, labels=table, held_out=table,
                     out=tmp_path / "denoiser.pt", cpu_minutes=0.005, every=1, learning_rate=0.002, seed=0)


def test_training_stops_at_its_budget_lowers_the_loss_and_goes_on_from_its_checkpoint(
        arguments: Namespace, config: Config):
    launch(1, work, arguments)
    first = torch.load(arguments.out)
    assert 0.3 <= first["seconds"] < 3
    arguments.cpu_minutes = 0.03
    launch(1, work, arguments)
    second = torch.load(arguments.out)
    assert second["step"] > first["step"] and second["seconds"] >= 1.8
    losses = []
    for model in (Denoiser(config), load_denoiser(arguments.out, config)):
        torch.manual_seed(0)
        losses.append(velocity_loss(model, torch.zeros(64, 3, 16, 16), torch.zeros(64, dtype=torch.int64)).item())
    assert losses[1] < losses[0]


def test_times_are_uniform_and_evenly_spread():
    torch.manual_seed(0)
    times = spread_times(10).sort().values
    assert torch.allclose(times.diff(), torch.full((9,), 0.1), atol=1e-6)
    means = torch.stack([spread_times(4) for _ in range(500)]).mean(0)
    assert ((means - 0.5).abs() < 0.06).all()
