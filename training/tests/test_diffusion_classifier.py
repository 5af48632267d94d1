from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from baselines.denoising_errors import MEASURES
from baselines.diffusion import start
from baselines.diffusion_classifier import record_all, replay, write
from baselines.stages import parse_plan
from ordo_training.config import Config
from ordo_training.data import Row, write_table
from ordo_training.runs import save

PLANS = [parse_plan("1:3,3:1"), parse_plan("3:1")]


@pytest.fixture
def arguments(config: Config, tmp_path: Path) -> Namespace:
    rows, random = [Row(f"{index}.png", index % 8, str(index)) for index in range(4)], np.random.default_rng(0)
    for row in rows:
        Image.fromarray(random.integers(0, 256, (16, 16, 3), dtype=np.uint8)).save(tmp_path / row.path)
    write_table(tmp_path / "labels.csv", rows)
    torch.manual_seed(0)
    run = start(config, 0.001)
    with torch.no_grad():
        for weight in run.average.parameters():
            weight.add_(torch.randn_like(weight) * 0.1)
    save(run, tmp_path / "denoiser.pt")
    return Namespace(model=tmp_path / "denoiser.pt", images=tmp_path, labels=tmp_path / "labels.csv", every=1,
                     samples=3, seed=0, workers=1, out=tmp_path / "errors.npz")


def test_an_interrupted_record_goes_on_to_the_same_errors(arguments: Namespace, config: Config):
    whole = record_all(config, arguments, PLANS)
    assert whole["errors"].shape == (4, 3, 8, 2) and not np.isnan(whole["errors"]).any()
    assert whole["labels"].tolist() == [0, 1, 2, 3] and whole["tracks"].tolist() == list("0123")
    write(arguments.out, {**whole, **{name: whole[name][:2] for name in ("errors", "labels", "tracks", "paths")}})
    continued = record_all(config, arguments, PLANS)
    assert np.array_equal(continued["errors"], whole["errors"])
    assert continued["seconds"] > whole["seconds"]


def test_a_record_of_other_settings_is_not_gone_on_with(arguments: Namespace, config: Config):
    record_all(config, arguments, PLANS)
    with pytest.raises(ValueError, match="other settings"):
        record_all(config, Namespace(**{**vars(arguments), "seed": 1}), PLANS)


def test_a_record_of_other_images_is_not_gone_on_with(arguments: Namespace, config: Config):
    record_all(config, arguments, PLANS)
    write_table(arguments.labels, [Row(f"{index}.png", 7, str(index)) for index in (1, 0, 2, 3)])
    with pytest.raises(ValueError, match="other images"):
        record_all(config, arguments, PLANS)


def test_the_class_with_the_least_error_is_the_label():
    errors = np.ones((5, 3, 8, 2), np.float32)
    labels = np.array([0, 3, 7, 2, 5])
    errors[np.arange(5), :, labels] = 0.9
    errors[4, :, 1] = 0.8
    for measure in MEASURES:
        for plan, evaluations in ((PLANS[1], 24), (PLANS[0], 8 + 2 * 3)):
            right, mean = replay({"errors": errors, "labels": labels}, plan, measure)
            assert right.tolist() == [1, 1, 1, 1, 0] and mean == evaluations
