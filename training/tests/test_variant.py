from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from baselines.variant import evidence_of, figures, operations, orders_of
from ordo_training.config import Config, load_config
from ordo_training.model import AnyOrder
from ordo_training.orders import raster_orders

TINY = Path(__file__).parent.parent / "configs" / "tiny.toml"


def entering(config: Config, block: int) -> Config:
    return replace(config, model=replace(config.model, class_from=block))


def test_what_lies_below_the_class_is_counted_once_for_all_classes(config: Config):
    every, half, head = (operations(entering(config, block)) for block in range(3))
    assert every["shared"] == 0
    assert half["shared"] * 2 == head["shared"]
    assert every["each"] == half["each"] + half["shared"] == head["each"] + head["shared"]


@pytest.mark.parametrize("block", [0, 1, 2])
def test_the_class_changes_what_is_read_wherever_it_enters(config: Config, block: int):
    torch.manual_seed(0)
    model = AnyOrder(entering(config, block)).eval()
    orders = orders_of(b"an image", 2, config.positions)
    evidence = evidence_of(model, torch.zeros(config.positions, dtype=torch.int64), orders, config)
    assert evidence.shape == (3, len(config.model.prefixes), len(config.classes))
    assert (evidence[:, 0] > evidence[:, 1]).all()
    assert len(set(evidence[0, 0])) == len(config.classes)


def test_orders_depend_on_the_image_only_and_end_with_raster_order(config: Config):
    first, again, other = (orders_of(image, 3, config.positions) for image in (b"a", b"a", b"b"))
    assert torch.equal(first, again)
    assert not torch.equal(first[:3], other[:3])
    assert torch.equal(first[-1:], raster_orders(1, config.positions, config.positions))


def test_figures_tell_drawn_orders_from_raster_order():
    labels = np.array([0, 1])
    right, wrong = np.eye(2) * 8, np.eye(2)[::-1] * 8
    evidence = np.stack([np.stack([right, right, wrong], 1), np.stack([right, right, right / 2], 1)], 2)
    found = figures(evidence, labels, np.array(["a", "b"]), (2, 4))
    assert found["prefixes"]["2"]["2"]["accuracy"] == 1
    assert found["prefixes"]["2"]["raster"]["accuracy"] == 0
    assert found["prefixes"]["4"]["rightByImage"] == {"random": "11", "raster": "11"}
    assert found["natsPerToken"] == {"random": -2.0, "raster": -1.0}


def test_a_setting_is_changed_from_the_command_line_if_there_is_one():
    changed = load_config(TINY, ["model.class_from=1", 'model_training.orders="raster"'])
    assert (changed.model.class_from, changed.model_training.orders) == (1, "raster")
    with pytest.raises(ValueError, match="no such setting"):
        load_config(TINY, ["model.class_form=1"])
