import sys

import pytest

from ordo_training.commands import command


@pytest.mark.parametrize(("words", "written"), [
    (["/somewhere/baselines/measure.py", "--out", "/else/where.json", "--batch", "3"],
     "python -m baselines.measure --out where.json --batch 3"),
    (["/somewhere/ordo_training/unknowns.py", "--baseline", "convolutional network=/else/cnn.pt"],
     "python -m ordo_training.unknowns --baseline 'convolutional network=cnn.pt'"),
    (["/somewhere/ordo_training/__main__.py", "evaluate", "--images", "../mine"],
     "python -m ordo_training evaluate --images ../mine"),
])
def test_a_command_names_files_without_their_folders(words: list[str], written: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "argv", words)
    assert command() == written
