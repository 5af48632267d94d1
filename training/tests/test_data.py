from pathlib import Path

from ordo_training.data import Row, leave_out, read_table, split_by_track, write_table
from ordo_training.folders import rows_of

ROWS = [Row(f"{track}-{frame}.png", track % 5, f"t{track:03d}") for track in range(50) for frame in range(3)]


def test_no_track_is_in_two_parts_and_no_row_is_lost():
    parts = split_by_track(ROWS, seed=0, validate=10, calibrate=5)
    tracks = {name: {row.track for row in rows} for name, rows in parts.items()}
    assert {name: len(members) for name, members in tracks.items()} == {"validate": 10, "calibrate": 5, "train": 35}
    assert len(set.union(*tracks.values())) == 50
    assert sum(map(len, parts.values())) == len(ROWS)


def test_the_split_depends_on_the_seed_only():
    parts = split_by_track(ROWS, 0, 10, 5)
    assert parts == split_by_track(list(ROWS), 0, 10, 5)
    assert parts["validate"] != split_by_track(ROWS, 1, 10, 5)["validate"]
    backwards = split_by_track(ROWS[::-1], 0, 10, 5)
    assert {r.track for r in backwards["validate"]} == {r.track for r in parts["validate"]}


def test_a_table_reads_back(tmp_path: Path):
    write_table(tmp_path / "table.csv", ROWS)
    assert read_table(tmp_path / "table.csv") == ROWS


def test_classes_that_are_left_out_are_in_no_other_part_and_nothing_else_moves():
    parts = split_by_track(ROWS, 0, 10, 5)
    kept = leave_out(parts, {1, 3})
    assert {row.class_id for row in kept["left-out"]} == {1, 3}
    assert len(kept["left-out"]) == sum(row.class_id in (1, 3) for row in ROWS)
    for name, rows in parts.items():
        assert kept[name] == [row for row in rows if row.class_id not in (1, 3)]


def test_folders_become_classes_in_the_order_of_their_names(tmp_path: Path):
    for name in ("dog/1.PNG", "cat/b/2.jpg", "cat/notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    classes, rows = rows_of(tmp_path)
    assert classes == ["cat", "dog"]
    assert [(row.path, row.class_id) for row in rows] == [("cat/b/2.jpg", 0), ("dog/1.PNG", 1)]
    assert len({row.track for row in rows}) == 2
