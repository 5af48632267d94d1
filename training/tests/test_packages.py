"""The packages in the repository hold together, with ONNX Runtime alone."""

import base64
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from ordo_training.export import run_rows, session

PACKAGES = sorted(path.parent for path in (Path(__file__).parents[2] / "models").glob("*/model.json"))


@pytest.fixture(params=PACKAGES, ids=lambda path: path.name)
def package(request: pytest.FixtureRequest) -> Path:
    return request.param


def manifest(package: Path) -> dict:
    return json.loads((package / "model.json").read_text())


def golden(package: Path) -> dict:
    return json.loads((package / "golden.json").read_text())


def test_the_manifest_names_the_files_as_they_are(package: Path):
    for name, entry in manifest(package)["files"].items():
        data = (package / name).read_bytes()
        assert (hashlib.sha256(data).hexdigest(), len(data)) == (entry["sha256"], entry["bytes"])


def test_golden_images_give_their_tokens(package: Path):
    image, encoder = manifest(package)["image"], session(package / "encoder.onnx")
    for vector in golden(package)["images"]:
        pixels = np.frombuffer(base64.b64decode(vector["pixels"]), np.uint8)
        tokens = encoder.run(None, {"image": pixels.reshape(1, image["height"], image["width"], 3)})[0]
        assert tokens.tolist() == [vector["tokens"]]


def test_golden_rows_give_their_likelihoods(package: Path):
    scorer, painter = session(package / "score.onnx"), session(package / "paint.onnx")
    for vector in golden(package)["rows"]:
        row = tuple(np.array([vector[name]], np.int32) for name in ("tokens", "order", "class"))
        assert np.allclose(run_rows(scorer, row)[0], vector["logLikelihood"], atol=1e-3)
        logits = run_rows(painter, row)[0].astype(np.float64)
        wanted = logits[np.arange(len(logits)), row[0][0][row[1][0]]] - np.log(np.exp(logits).sum(1))
        assert np.allclose(wanted, vector["logLikelihood"], atol=1e-3)
