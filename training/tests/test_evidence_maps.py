from pathlib import Path

import numpy as np
import pytest

from ordo_training.config import Config, load_config
from ordo_training.evidence_maps import Example, Reader, by_place, choose, page
from ordo_training.scoring import Scorer

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tiny() -> tuple[Config, Path]:
    return load_config(ROOT / "training" / "configs" / "tiny.toml"), ROOT / "models" / "tiny"


def example(evidence: list[list[float]], painted: int) -> Example:
    return Example(painted, "as painted", np.zeros((4, 4, 3)), np.array(evidence))


def test_a_right_label_is_up_against_the_runner_up_and_a_wrong_one_against_the_truth():
    evidence = [[-3.0, -3.0], [-1.0, -1.0], [-1.0, -2.0]]
    right, wrong = example(evidence, 1), example(evidence, 0)
    assert (right.right, right.rival) == (True, 2)
    assert (wrong.right, wrong.rival) == (False, 0)
    assert wrong.balance.tolist() == [2.0, 2.0]


def test_the_balance_sums_to_the_margin():
    one = example([[-3.0, -0.5], [-1.0, -1.0]], 1)
    assert one.balance.sum() == pytest.approx(one.evidence[1].sum() - one.evidence[0].sum())


def test_evidence_by_place_sums_to_the_mean_log_likelihood_of_the_orders(tiny):
    config, package = tiny
    scorer = Scorer(config, package)
    tokens = np.arange(config.positions, dtype=np.int32)[None] % config.codes
    orders = [list(range(config.positions)), list(range(config.positions))[::-1]]
    expected = np.mean([scorer.token_likelihoods(tokens, places).sum(1) for places in orders], 0)
    assert np.allclose(by_place(scorer, tokens, orders).sum(1), expected)


def test_the_page_lists_what_was_read(tiny):
    config, package = tiny
    reader = Reader(config, package, 2)
    pixels = np.random.default_rng(0).integers(0, 256, (config.image.height, config.image.width, 3), dtype=np.uint8)
    one = reader.read(pixels, 0, "as painted")
    chosen = choose([one, one], one.right, 1)
    text = page(chosen, [], 2, 5, config)
    assert len(chosen) == 1
    assert config.classes[one.ranked[0]] in text and "$" not in text
