import json
import sys
from pathlib import Path

import numpy as np
import pytest

from baselines import masked, measure, supervised
from ordo_training.shapes import draw_table

CONFIG = Path(__file__).parent.parent / "configs" / "tiny.toml"


@pytest.fixture
def shapes(tmp_path: Path) -> Path:
    draw_table(tmp_path, "train", 64, 16, np.random.default_rng(0))
    draw_table(tmp_path, "validate", 24, 16, np.random.default_rng(1))
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, module, folder: Path, *flags: str) -> None:
    words = [module.__file__, *flags, "--config", str(CONFIG), "--images", str(folder)]
    monkeypatch.setattr(sys, "argv", words)
    module.main()


def training_flags(folder: Path, name: str) -> list[str]:
    return ["--labels", f"{folder}/train.csv", "--held-out", f"{folder}/validate.csv", "--minutes", "0.005",
            "--batch", "8", "--out", f"{folder}/{name}.pt"]


def measured(monkeypatch: pytest.MonkeyPatch, folder: Path, name: str) -> dict:
    run(monkeypatch, measure, folder, "--labels", f"{folder}/validate.csv", "--classifier", f"{folder}/{name}.pt",
        "--out", f"{folder}/{name}.json", "--posteriors", f"{folder}/{name}.npz")
    return json.loads((folder / f"{name}.json").read_text())


@pytest.mark.parametrize("kind", ["cnn", "vit"])
def test_a_supervised_classifier_is_trained_and_measured(kind: str, shapes: Path, monkeypatch: pytest.MonkeyPatch):
    run(monkeypatch, supervised, shapes, "--kind", kind, *training_flags(shapes, kind))
    results, saved = measured(monkeypatch, shapes, kind), np.load(shapes / f"{kind}.npz")
    assert results["kind"] == kind and results["images"] == results["tracks"] == 24
    assert results["accuracy"] == (saved["log_posterior"].argmax(1) == saved["labels"]).mean()
    assert results["interval"][0] <= results["accuracy"] <= results["interval"][1]
    assert [stage["plan"]["batch"] for stage in results["training"]] == [8]
    assert str(shapes) not in json.dumps(results)


def test_a_temperature_is_found_on_other_images_and_changes_no_label(shapes: Path, monkeypatch: pytest.MonkeyPatch):
    run(monkeypatch, supervised, shapes, "--kind", "cnn", *training_flags(shapes, "cnn"))
    results = measured(monkeypatch, shapes, "cnn")
    run(monkeypatch, measure, shapes, "--labels", f"{shapes}/validate.csv", "--calibrate", f"{shapes}/validate.csv",
        "--classifier", f"{shapes}/cnn.pt", "--out", f"{shapes}/again.json")
    again = json.loads((shapes / "again.json").read_text())
    assert [again[key] for key in ("accuracy", "nll", "ece")] == [results[key] for key in ("accuracy", "nll", "ece")]
    assert again["tempered"]["nll"] <= results["nll"] and again["tempered"]["temperature"] != 1


def test_a_pretrained_encoder_is_probed_and_fine_tuned(shapes: Path, monkeypatch: pytest.MonkeyPatch):
    run(monkeypatch, masked, shapes, "pretrain", *training_flags(shapes, "pretrain"))
    for stage, kind in (("probe", "probe"), ("finetune", "vit")):
        flags = ["--pretrained", f"{shapes}/pretrain.pt", *training_flags(shapes, stage)]
        run(monkeypatch, masked, shapes, stage, *flags)
        results = measured(monkeypatch, shapes, stage)
        assert results["kind"] == kind
        assert [made["command"].split()[3] for made in results["training"]] == ["pretrain", stage]
        assert all(made["steps"] > 0 for made in results["training"])


def test_a_finished_training_that_is_run_again_stays_as_it_is(shapes: Path, monkeypatch: pytest.MonkeyPatch):
    flags = ["--kind", "cnn", *training_flags(shapes, "cnn")]
    run(monkeypatch, supervised, shapes, *flags)
    before = measured(monkeypatch, shapes, "cnn")
    run(monkeypatch, supervised, shapes, *flags)
    assert measured(monkeypatch, shapes, "cnn") == before
