import hashlib
import subprocess
from pathlib import Path

import numpy as np
import pytest
from colours import exchanged_profile
from PIL import Image

from ordo_training.config import Config
from ordo_training.data import Row
from ordo_training.images import read_image
from ordo_training.pipeline_labels import ROOT, classify_with_ordo, labels_of, log_posterior, pipeline_files
from ordo_training.scoring import Scorer
from ordo_training.shapes import draw_shape
from ordo_training.under_plan import figures_of, labels_of_table

needs_ordo = pytest.mark.skipif(not (ROOT / "node_modules").exists(),
                                reason="Ordo's packages are not installed (npm ci)")
PIPELINE = f"""
name: tiny
model: {ROOT}/models/tiny
log: {{ type: sqlite, folder: log }}
decision:
  top: 8
  plan: {{ kind: staged, screens: [{{ prefix: 8, keep: 3 }}], prefix: 16, maxOrders: 2 }}
"""


def test_classes_that_a_label_does_not_name_share_what_is_left():
    label = {"top": [{"id": 2, "posterior": 0.7}, {"id": 0, "posterior": 0.1}]}
    assert np.allclose(np.exp(log_posterior(label, 4)), [0.1, 0.1, 0.7, 0.1])


def test_a_class_that_was_ruled_out_has_a_finite_log_posterior():
    values = log_posterior({"top": [{"id": 1, "posterior": 1.0}, {"id": 0, "posterior": 0}]}, 3)
    assert np.isfinite(values).all() and values.argmax() == 1 and np.isclose(np.exp(values).sum(), 1)


def save_of_every_kind(folder: Path) -> None:
    """A shape as a photograph that lies on its side, see-through, deep grey, with a palette, in colours of its own.

    Others are larger and smaller.
    """
    shape, on_its_side = draw_shape(3, 16, np.random.default_rng(0)), Image.Exif()
    on_its_side[0x0112] = 6
    Image.fromarray(shape).save(folder / "on-its-side.jpg", exif=on_its_side)
    veil = np.arange(256, dtype=np.uint8).reshape(16, 16)
    Image.fromarray(np.dstack([shape, veil])).save(folder / "see-through.png")
    Image.fromarray((shape.mean(2) * 257).astype(np.uint16)).save(folder / "deep.png")
    Image.fromarray(shape).convert("P").save(folder / "palette.png")
    Image.fromarray(shape // 128 * 255).save(folder / "own-colours.png", icc_profile=exchanged_profile())
    Image.fromarray(draw_shape(4, 64, np.random.default_rng(0))[:, :40]).save(folder / "larger.webp", lossless=True)
    Image.fromarray(draw_shape(1, 8, np.random.default_rng(0))).save(folder / "smaller.png")


@needs_ordo
def test_ordo_and_training_read_the_same_from_files_of_every_kind(config: Config, tmp_path: Path):
    images, pipeline = tmp_path / "images", tmp_path / "tiny.yaml"
    images.mkdir()
    save_of_every_kind(images)
    pipeline.write_text(PIPELINE.replace("screens: [{ prefix: 8, keep: 3 }]", "screens: []").replace(
        "maxOrders: 2", "maxOrders: 2, ordersPerRound: 2, bound: { errors: 0, floor: 2 }"))
    scorer, found = Scorer(config, ROOT / "models" / "tiny"), labels_of(pipeline, images)
    assert len(found) == 7
    for path, label in zip(sorted(images.iterdir()), found, strict=True):
        orders = scorer.orders(hashlib.sha256(path.read_bytes()).digest(), 2)
        nats = scorer.evidence(read_image(path, config), orders, (16,))[:, 0].mean(0)
        assert label["label"]["id"] == nats.argmax()
        assert label["logLikelihood"] == pytest.approx(nats.max(), abs=0.01), path.name


@needs_ordo
def test_ordo_labels_drawn_shapes_in_their_order(config: Config, tmp_path: Path):
    pixels = np.stack([draw_shape(i % 8, 16, np.random.default_rng(i)) for i in range(16)])
    (tmp_path / "tiny.yaml").write_text(PIPELINE)
    found = classify_with_ordo(config, tmp_path / "tiny.yaml", pixels)
    assert found.shape == (16, 8)
    assert (found.argmax(1) == np.arange(16) % 8).mean() > 0.8


@needs_ordo
def test_a_table_is_labelled_in_its_own_order_under_the_plan(config: Config, tmp_path: Path):
    (tmp_path / "images" / "deep").mkdir(parents=True)
    rows = []
    for index in (5, 3, 1, 0):
        path = f"deep/{index}.png" if index % 2 else f"{index}.png"
        Image.fromarray(draw_shape(index, 16, np.random.default_rng(index))).save(tmp_path / "images" / path)
        rows.append(Row(path, index, f"track {index // 2}"))
    (tmp_path / "tiny.yaml").write_text(PIPELINE)
    labels = labels_of_table(tmp_path / "tiny.yaml", tmp_path / "images", rows)
    found = figures_of(labels, rows, config)
    assert [label["label"]["id"] for label in labels] == [5, 3, 1, 0]
    assert (found["images"], found["tracks"], found["accuracy"]) == (4, 3, 1.0)
    assert (found["trackOfImage"], found["rightByImage"]) == ("2 1 0 0", "1111")
    assert found["rowsMean"] == np.mean([label["rows"] for label in labels])


def test_labels_depend_on_the_pipeline_and_on_the_package_that_it_names(tmp_path: Path):
    pipeline = tmp_path / "tiny.yaml"
    pipeline.write_text(PIPELINE)
    package = ROOT / "models" / "tiny"
    assert pipeline_files(pipeline) == [pipeline, *(package / f"{name}.json" for name in ("model", "proposer", "int8"))]
    pipeline.write_text(f'model: "{package}"  # a name with a space may stand in quotes')
    assert pipeline_files(pipeline)[1] == package / "model.json"
    pipeline.write_text("name: tiny")
    with pytest.raises(ValueError, match="names no model"):
        pipeline_files(pipeline)


def test_a_pipeline_that_is_not_there_is_an_error(config: Config, tmp_path: Path):
    with pytest.raises(subprocess.CalledProcessError):
        classify_with_ordo(config, tmp_path / "none.yaml", np.zeros((1, 16, 16, 3), np.uint8))
