import os
from pathlib import Path

import pytest

from ordo_training import folders
from ordo_training.data import read_table
from ordo_training.folders import rows_of


def laid(folder: Path, **contents: str) -> Path:
    """A folder of files, by their paths with `__` for a slash."""
    for name, text in contents.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_folders_become_classes_in_the_order_of_their_names(tmp_path: Path):
    laid(tmp_path, **{"dog__1.PNG": "a", "cat__b__2.jpg": "b", "cat__notes.txt": "", "cat__._2.jpg": "c",
                      ".git__3.png": "d", "empty__notes.txt": ""})
    classes, rows = rows_of(tmp_path)
    assert classes == ["cat", "dog"]
    assert [(row.path, row.class_id) for row in rows] == [("cat/b/2.jpg", 0), ("dog/1.PNG", 1)]
    assert len({row.track for row in rows}) == 2


def test_copies_of_a_file_share_a_track(tmp_path: Path):
    laid(tmp_path, **{"cat__1.png": "a", "cat__2.png": "b", "cat__copy.png": "a", "dog__1.png": "a"})
    assert [row.track for row in rows_of(tmp_path)[1]] == ["cat/1.png", "cat/2.png", "cat/1.png", "cat/1.png"]


def test_what_is_left_out_is_counted_and_named(tmp_path: Path, capsys: pytest.CaptureFixture):
    images = laid(tmp_path / "images", **{"cat__1.png": "a", "cat__2.bmp": "b", "dog__1.BMP": "c", "dog__notes": "d",
                                          "fox__1.gif": "a"})
    folders.main(["--images", str(images), "--out", str(tmp_path / "labels.csv")])
    said = capsys.readouterr().out
    assert "left out: 2 of .bmp, 1 of no ending" in said and "no image in dog" in said
    assert "share their tracks: 1" in said and 'classes = ["cat", "fox"]' in said
    assert len(read_table(tmp_path / "labels.csv")) == 2


def test_a_name_that_is_no_text_is_refused_by_a_sentence(tmp_path: Path):
    images = laid(tmp_path / "images", **{"cat__1.png": "a"})
    try:
        Path(os.fsdecode(os.fsencode(images / "cat") + b"/h\xf6he.png")).write_text("b")
    except OSError:
        pytest.skip("this file system takes names in UTF-8 alone")
    with pytest.raises(SystemExit, match="the name is no UTF-8"):
        folders.main(["--images", str(images), "--out", str(tmp_path / "labels.csv")])
    assert not (tmp_path / "labels.csv").exists()
