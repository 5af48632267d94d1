import json
from pathlib import Path

import pytest

from ordo_training.orders import order, words

PACKAGES = Path(__file__).parents[2] / "models"


def test_is_a_permutation_for_every_length():
    for positions in (1, 2, 3, 16, 64, 100):
        assert sorted(order(bytes(32), bytes(32), 5, positions)) == list(range(positions))


def test_depends_on_model_image_and_k():
    plain = order(bytes(32), bytes(32), 0, 64)
    other = b"\x01" + bytes(31)
    assert plain == order(bytes(32), bytes(32), 0, 64)
    assert plain != order(other, bytes(32), 0, 64)
    assert plain != order(bytes(32), other, 0, 64)
    assert plain != order(bytes(32), bytes(32), 1, 64)


def test_words_go_on_past_one_block():
    stream = words(b"seed")
    assert len({next(stream) for _ in range(20)}) == 20


def test_every_first_place_is_about_equally_likely():
    firsts = [order(bytes(32), bytes(32), k, 4)[0] for k in range(2000)]
    assert all(430 < firsts.count(place) < 570 for place in range(4))


@pytest.mark.parametrize("package", sorted(PACKAGES.glob("*/golden.json")), ids=lambda p: p.parent.name)
def test_golden_orders(package: Path):
    for vector in json.loads(package.read_text())["orders"]:
        made = order(bytes.fromhex(vector["model"]), bytes.fromhex(vector["image"]), vector["k"], vector["positions"])
        assert made == vector["order"]
