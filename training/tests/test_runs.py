from pathlib import Path

import pytest
import torch
import torch.nn as nn

from ordo_training.runs import Run, nothing_left, read_checkpoint, require_shape, save


def run_of(**shape: object) -> Run:
    model = nn.Linear(2, 2)
    return Run(model, nn.Linear(2, 2), [torch.optim.SGD(model.parameters(), 0.1)], shape=shape)


def test_weights_that_are_not_finite_leave_the_checkpoint_before_them_alone(tmp_path: Path):
    run = run_of()
    save(run, tmp_path / "run.pt")
    before = (tmp_path / "run.pt").read_bytes()
    run.model.weight.data[0, 0] = float("nan")
    with pytest.raises(SystemExit, match="not finite"):
        save(run, tmp_path / "run.pt")
    assert (tmp_path / "run.pt").read_bytes() == before


def test_nothing_but_the_checkpoint_is_left_in_the_folder(tmp_path: Path):
    save(run_of(), tmp_path / "own.v1")
    assert [path.name for path in tmp_path.iterdir()] == ["own.v1"]


def test_a_checkpoint_under_other_settings_is_refused_by_their_names(tmp_path: Path):
    save(run_of(classes=("a", "b"), model={"blocks": 4, "class_from": 0}), tmp_path / "run.pt")
    kept = read_checkpoint(tmp_path / "run.pt")
    require_shape(kept, {"classes": ("a", "b"), "model": {"blocks": 4, "class_from": 0}}, "run.pt")
    with pytest.raises(SystemExit, match=r"other settings: classes, model.class_from$"):
        require_shape(kept, {"classes": ("b", "a"), "model": {"blocks": 4, "class_from": 3}}, "run.pt")


def test_settings_that_changed_are_named_and_when_they_take_effect(tmp_path: Path, capsys: pytest.CaptureFixture):
    run = run_of()
    run.settings, run.seconds = {"augmentation": {"noise": 0.1, "blur": 0.2}}, 120.0
    save(run, tmp_path / "run.pt")
    kept, changed = read_checkpoint(tmp_path / "run.pt"), {"augmentation": {"noise": 0.2, "blur": 0.2}}
    assert not nothing_left(kept, run.settings, 3, "run.pt") and capsys.readouterr().out == ""
    assert not nothing_left(kept, changed, 3, "run.pt")
    assert "other settings: augmentation.noise; the new ones take effect from here on" in capsys.readouterr().out
    assert nothing_left(kept, changed, 2, "run.pt")
    said = capsys.readouterr().out
    assert "augmentation.noise; the new ones take effect only with more minutes or in a new folder" in said
    assert "its 2 minutes are used up, nothing is left to train" in said


def test_a_checkpoint_that_does_not_keep_its_settings_is_taken(capsys: pytest.CaptureFixture):
    assert not nothing_left({"seconds": 60.0}, {"augmentation": {"noise": 0.2}}, 2, "run.pt")
    assert capsys.readouterr().out == ""
