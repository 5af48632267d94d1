from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from colours import exchanged_profile
from PIL import Image, features

from ordo_training import data
from ordo_training.config import Config, load_config
from ordo_training.data import (
    Row,
    leave_out,
    load_images,
    objections,
    read_table,
    require_pure_tracks,
    split_by_track,
    spread,
    with_every_class,
    write_table,
)
from ordo_training.images import ImageError, read_image

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


def test_rows_are_spread_over_the_tracks():
    rows = [Row(f"{track}-{frame}", 0, f"t{track:02d}") for track in range(20) for frame in range(30)]
    chosen = spread(rows, 20)
    assert len(chosen) == 20 and len({row.track for row in chosen}) >= 19
    assert spread(rows[:3], 10) == rows[:3]


def test_a_table_may_come_from_a_spreadsheet_and_need_not_know_tracks(tmp_path: Path):
    (tmp_path / "table.csv").write_text("\ufeffpath,class_id\na.png,3\n", encoding="utf-8")
    assert read_table(tmp_path / "table.csv") == [Row("a.png", 3, "a.png")]


def test_images_are_read_as_ordo_reads_them(config: Config, tmp_path: Path):
    left_dark = np.repeat(np.repeat([[0], [255]], 8, 1).T[None], 16, 0).reshape(16, 16).astype(np.uint8)
    image, exif = Image.fromarray(left_dark), Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter to the right
    image.save(tmp_path / "turned.png", exif=exif)
    assert read_image(tmp_path / "turned.png", config)[0].max() == 0
    Image.new("LA", (16, 16), (255, 0)).save(tmp_path / "clear.png")
    assert (read_image(tmp_path / "clear.png", config) == 128).all()
    Image.fromarray(np.full((16, 16), 32896, np.uint16)).save(tmp_path / "deep.png")
    assert (read_image(tmp_path / "deep.png", config) == 128).all()


def test_colours_are_brought_to_srgb_by_the_profile_in_the_file(config: Config, tmp_path: Path):
    red = Image.new("RGB", (16, 16), (255, 0, 0))
    red.save(tmp_path / "exchanged.png", icc_profile=exchanged_profile())
    red.save(tmp_path / "broken.png", icc_profile=b"no profile")
    assert np.abs(read_image(tmp_path / "exchanged.png", config).astype(int) - [0, 255, 0]).max() <= 2
    assert (read_image(tmp_path / "broken.png", config) == [255, 0, 0]).all()
    for mode, colour in (("RGBA", (255, 0, 0, 255)), ("P", None)):
        image = Image.new(mode, (16, 16), colour) if colour else red.convert("P", palette=Image.Palette.ADAPTIVE)
        image.save(tmp_path / "exchanged.png", icc_profile=exchanged_profile())
        assert np.abs(read_image(tmp_path / "exchanged.png", config).astype(int) - [0, 255, 0]).max() <= 2
    Image.new("RGBA", (16, 16), (255, 0, 0, 0)).save(tmp_path / "clear.png", icc_profile=exchanged_profile())
    assert (read_image(tmp_path / "clear.png", config) == 128).all()


def test_a_file_that_is_no_image_is_named(config: Config, tmp_path: Path):
    Image.new("RGB", (64, 64)).save(tmp_path / "cut.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "cut.png").read_bytes()[:60])
    for name in ("cut.png", "absent.png"):
        with pytest.raises(ImageError, match=name):
            load_images(tmp_path, [Row(name, 0, "")], config)


def test_files_of_a_kind_that_ordo_refuses_are_refused(config: Config, tmp_path: Path):
    for ending in ("bmp", "ppm", "ico"):
        Image.new("RGB", (16, 16)).save(tmp_path / f"a.{ending}")
        (tmp_path / "a.png").write_bytes((tmp_path / f"a.{ending}").read_bytes())
        with pytest.raises(ImageError, match=r"a\.png"):
            read_image(tmp_path / "a.png", config)
    for ending in ("jpg", "png", "webp", "gif", "tiff", *(["avif"] if features.check("avif") else [])):
        Image.new("RGB", (16, 16)).save(tmp_path / f"a.{ending}")
        assert read_image(tmp_path / f"a.{ending}", config).shape == (16, 16, 3)


def test_files_too_large_for_ordo_are_named_with_the_setting_that_allows_them(
        config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    Image.new("RGB", (16, 16)).save(tmp_path / "small.png")
    Image.effect_noise((64, 64), 50).save(tmp_path / "large.png")
    write_table(tmp_path / "labels.csv", [Row("small.png", 0, "a"), Row("large.png", 0, "b")])
    monkeypatch.setattr(data, "LARGEST", 1000)
    data.require_images(tmp_path, tmp_path / "labels.csv", config)
    said = capsys.readouterr().out
    assert "images.maxBytes" in said and "large.png" in said and "small.png" not in said


def test_a_table_that_is_missing_or_no_text_is_refused_by_a_sentence(tmp_path: Path):
    with pytest.raises(SystemExit, match="none.csv: No such file"):
        read_table(tmp_path / "none.csv")
    (tmp_path / "old.csv").write_bytes("path,class_id\nhöhe.png,3\n".encode("latin-1"))
    with pytest.raises(SystemExit, match="old.csv: .* save it as UTF-8"):
        read_table(tmp_path / "old.csv")


@pytest.mark.parametrize(("text", "said"), [
    ("path,class_id\na.png,1\nb.png,1\n./a.png,2\n", "a.png is named on line 2 and again on line 4"),
    ("path;class_id\na.png;3\n", "no column class_id and no column path"),
    ("path,class_id\na.png,three\n", "line 2: a path and a class_id"),
    ("path,class_id\na.png\n", "line 2: a path and a class_id"),
])
def test_a_table_that_says_nothing_of_use_is_refused_by_its_line(text: str, said: str, tmp_path: Path):
    (tmp_path / "table.csv").write_text(text, encoding="utf-8")
    with pytest.raises(SystemExit, match=said):
        read_table(tmp_path / "table.csv")


def test_a_small_table_of_validation_is_not_thinned(tmp_path: Path):
    write_table(tmp_path / "labels.csv", [Row(f"{index}.png", index % 8, str(index)) for index in range(1600)])
    tiny = Path(__file__).parent.parent / "configs" / "tiny.toml"
    data.main(["--config", str(tiny), "--labels", str(tmp_path / "labels.csv"), "--out", str(tmp_path)])
    assert read_table(tmp_path / "validate-every-1.csv") == read_table(tmp_path / "validate.csv")


def test_a_split_that_nothing_good_can_come_of_is_refused(config: Config):
    rows = [Row(f"{index}.png", index % 8, str(index)) for index in range(64)]
    good = {"train": rows[:32], "calibrate": rows[32:48], "validate": rows[48:]}
    assert objections(good, config, set()) == []
    assert "no image is left for calibrate" in objections({**good, "calibrate": []}, config, set())[0]
    assert "class_id 8" in objections({**good, "validate": [replace(rows[0], class_id=8)]}, config, set())[0]
    untrained = {**good, "train": [row for row in rows if row.class_id != 2]}
    assert "class 2 (square)" in objections(untrained, config, set())[0]
    assert objections(untrained, config, {2}) == []


def test_a_split_that_has_every_class_to_train_on_stays_as_it_was_dealt():
    parts = split_by_track(ROWS, 0, 10, 5)
    assert with_every_class(parts) == parts


def test_a_class_without_a_track_to_train_on_gets_one_back_and_no_row_is_lost():
    rare = [Row(f"rare-{track}-{frame}.png", 7, f"rare-{track}") for track in (2, 1) for frame in range(2)]
    parts = split_by_track(ROWS, 0, 10, 5)
    dealt = {**parts, "validate": [*parts["validate"], *rare[:2]], "calibrate": [*parts["calibrate"], *rare[2:]]}
    found = with_every_class(dealt)
    assert found == {**parts, "validate": dealt["validate"], "train": [*parts["train"], *rare[2:]]}


def test_a_class_of_a_single_track_is_trained_on_under_every_seed():
    rows = [*ROWS, Row("alone.png", 9, "alone")]
    for seed in range(20):
        assert 9 in {row.class_id for row in with_every_class(split_by_track(rows, seed, 20, 10))["train"]}


def test_less_to_train_on_than_to_measure_on_is_refused(config: Config):
    rows = [Row(f"{index}.png", index % 8, str(index)) for index in range(64)]
    found = objections({"train": rows[:24], "calibrate": rows[24:40], "validate": rows[40:]}, config, set())
    assert len(found) == 1 and "24 images are left for train and 40" in found[0]


def test_the_split_of_the_configuration_for_fifty_thousand_images_is_dealt():
    rows = [Row(f"{index}.png", index % 10, str(index)) for index in range(50_000)]
    ten = load_config(Path(__file__).parent.parent / "configs" / "cifar10.toml")
    parts = split_by_track(rows, ten.split.seed, ten.split.validate_tracks, ten.split.calibrate_tracks)
    assert with_every_class(parts) == parts and objections(parts, ten, set()) == []


def test_a_track_of_two_classes_is_refused_where_tracks_guide_the_tokenizer(config: Config):
    rows = [Row("0.png", 0, "a"), Row("1.png", 1, "b"), Row("2.png", 1, "a")]
    guided = replace(config, tokenizer_training=replace(config.tokenizer_training, guided_by="tracks"))
    with pytest.raises(SystemExit, match="labels.csv: track a has images of two classes"):
        require_pure_tracks(rows, guided, "labels.csv")
    require_pure_tracks(rows[:2], guided, "labels.csv")
    require_pure_tracks(rows, config, "labels.csv")


def test_classes_that_a_part_has_no_image_of_are_named(tmp_path: Path, capsys: pytest.CaptureFixture):
    rows = [Row(f"{index}.png", index % 7, str(index)) for index in range(1600)]
    write_table(tmp_path / "labels.csv", [*rows, Row("alone.png", 7, "alone")])
    tiny = Path(__file__).parent.parent / "configs" / "tiny.toml"
    data.main(["--config", str(tiny), "--labels", str(tmp_path / "labels.csv"), "--out", str(tmp_path)])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "validate: 399 images, 399 tracks, 7 classes; no image of diagonal"
    assert lines[2].endswith("8 classes")


def test_no_tables_are_written_of_a_split_that_is_refused(tmp_path: Path):
    write_table(tmp_path / "labels.csv", [Row(f"{index}.png", index % 8, str(index)) for index in range(9)])
    tiny = Path(__file__).parent.parent / "configs" / "tiny.toml"
    with pytest.raises(SystemExit, match="no image is left for train"):
        data.main(["--config", str(tiny), "--labels", str(tmp_path / "labels.csv"), "--out", str(tmp_path / "out")])
    assert not list((tmp_path / "out").iterdir())
