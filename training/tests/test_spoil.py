from pathlib import Path

import numpy as np
import pytest

from ordo_training import shapes, spoil
from ordo_training.config import Config
from ordo_training.corruptions import CORRUPTIONS
from ordo_training.data import read_table
from ordo_training.images import read_image

TINY = str(Path(__file__).parent.parent / "configs" / "tiny.toml")


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("images")
    shapes.main(["--out", str(folder), "--train", "1", "--validate", "40"])
    return folder


def spoiled(images: Path, out: Path) -> Path:
    spoil.main(["--config", TINY, "--images", str(images), "--labels", str(images / "validate.csv"), "--every", "2",
                "--out", str(out)])
    return out


def test_every_kind_gets_its_turn_at_any_severity():
    drawn = [spoil.draw(index, 0) for index in range(400)]
    assert {kind for kind, _ in drawn} == set(CORRUPTIONS)
    assert {severity for _, severity in drawn} == {1, 2, 3, 4, 5}


def test_copies_keep_class_and_track_and_differ_from_the_originals(images: Path, tmp_path: Path, config: Config):
    originals, copies = read_table(images / "validate.csv")[::2], read_table(spoiled(images, tmp_path) / "labels.csv")
    assert [(row.class_id, row.track) for row in copies] == [(row.class_id, row.track) for row in originals]
    changed = [not np.array_equal(read_image(tmp_path / copy.path, config), read_image(images / row.path, config))
               for copy, row in zip(copies, originals, strict=True)]
    assert sum(changed) >= 18


def test_the_same_images_come_out_each_time(images: Path, tmp_path: Path):
    first, second = spoiled(images, tmp_path / "a"), spoiled(images, tmp_path / "b")
    names = [row.path for row in read_table(first / "labels.csv")]
    assert all((first / name).read_bytes() == (second / name).read_bytes() for name in names)
