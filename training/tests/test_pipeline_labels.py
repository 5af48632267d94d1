import subprocess
from pathlib import Path

import numpy as np
import pytest

from ordo_training.config import Config
from ordo_training.pipeline_labels import ROOT, classify_with_ordo, log_posterior, pipeline_files
from ordo_training.shapes import draw_shape

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


@pytest.mark.skipif(not (ROOT / "node_modules").exists(), reason="Ordo's packages are not installed (npm ci)")
def test_ordo_labels_drawn_shapes_in_their_order(config: Config, tmp_path: Path):
    pixels = np.stack([draw_shape(i % 8, 16, np.random.default_rng(i)) for i in range(16)])
    (tmp_path / "tiny.yaml").write_text(PIPELINE)
    found = classify_with_ordo(config, tmp_path / "tiny.yaml", pixels)
    assert found.shape == (16, 8)
    assert (found.argmax(1) == np.arange(16) % 8).mean() > 0.8


def test_labels_depend_on_the_pipeline_and_on_the_package_that_it_names(tmp_path: Path):
    pipeline = tmp_path / "tiny.yaml"
    pipeline.write_text(PIPELINE)
    package = ROOT / "models" / "tiny"
    assert pipeline_files(pipeline) == [pipeline, *(package / f"{name}.json" for name in ("model", "proposer", "int8"))]
    pipeline.write_text("name: tiny")
    with pytest.raises(ValueError, match="names no model"):
        pipeline_files(pipeline)


def test_a_pipeline_that_is_not_there_is_an_error(config: Config, tmp_path: Path):
    with pytest.raises(subprocess.CalledProcessError):
        classify_with_ordo(config, tmp_path / "none.yaml", np.zeros((1, 16, 16, 3), np.uint8))
