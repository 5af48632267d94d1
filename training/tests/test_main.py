import json
import shutil
from argparse import Namespace
from pathlib import Path

import pytest
import torch

from ordo_training import pipeline, shapes
from ordo_training.__main__ import Files, deal, main
from ordo_training.data import read_table, split_by_track

TINY = Path(__file__).parent.parent / "configs" / "tiny.toml"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with drawn images, a table, and a configuration that trains for two seconds in all."""
    folder = tmp_path_factory.mktemp("own")
    shapes.main(["--out", str(folder / "images"), "--train", "400", "--validate", "200"])
    text = TINY.read_text(encoding="utf-8").replace("minutes = 1.5", "minutes = 0.02").replace(
        "minutes = 1\n", "minutes = 0.02\n").replace('"classes"', '"tracks"').replace(
        "validate_tracks = 400", "validate_tracks = 60").replace("calibrate_tracks = 200", "calibrate_tracks = 60")
    (folder / "own.toml").write_text(text, encoding="utf-8")
    return folder


def run(folder: Path, command: str, **flags: str) -> None:
    words = [part for name, value in flags.items() for part in (f"--{name}", value)]
    main([command, "--config", str(folder / "own.toml"), "--runs", str(folder / "runs"), *words])


def test_four_commands_lead_from_images_to_a_package_with_a_card_and_a_pipeline(folder: Path):
    images, package = str(folder / "images"), folder / "package"
    run(folder, "train", images=images, labels=str(folder / "images" / "train.csv"))
    run(folder, "export", images=images, package=str(package))
    run(folder, "evaluate", images=images, package=str(package), orders="8")
    run(folder, "publish", package=str(package), pipeline=str(folder / "pipelines" / "own.yaml"))
    checks = json.loads((package / "checks.json").read_text())
    assert checks["scoreLargestDifferenceNats"] < 1e-3
    assert checks["model"] in (package / "README.md").read_text()
    assert f'model: "{Path("..") / "package"}"' in (folder / "pipelines" / "own.yaml").read_text()


def test_a_training_without_minutes_left_says_which_settings_changed_and_reads_no_image(
        folder: Path, capfd: pytest.CaptureFixture):
    changed = folder / "changed.toml"
    text = (folder / "own.toml").read_text(encoding="utf-8")
    changed.write_text(text.replace("noise = 0.03", "noise = 0.04").replace("dropout = 0.0", "dropout = 0.1"))
    main(["train", "--config", str(changed), "--runs", str(folder / "runs"), "--images", str(folder / "none"),
          "--labels", str(folder / "images" / "train.csv")])
    said = capfd.readouterr().out
    assert said.count("nothing is left to train") == 2
    assert "other settings: augmentation.noise;" in said and "augmentation.noise, model.dropout;" in said


def test_images_that_cannot_be_read_are_all_named_before_anything_is_trained(folder: Path, tmp_path: Path):
    images, table = tmp_path / "images", folder / "images" / "train.csv"
    shutil.copytree(folder / "images", images)
    parts = split_by_track(read_table(table), 0, 60, 60)
    broken = [parts[name][0].path for name in ("validate", "train")]
    for path in broken:
        (images / path).write_bytes((images / path).read_bytes()[:60])
    with pytest.raises(SystemExit) as ended:
        main(["train", "--config", str(folder / "own.toml"), "--runs", str(tmp_path / "runs"),
              "--images", str(images), "--labels", str(table)])
    assert all(path in str(ended.value) for path in broken) and "2 of its images" in str(ended.value)
    assert not list((tmp_path / "runs").iterdir())


def test_training_does_not_go_on_with_another_split(folder: Path):
    table, runs = folder / "images" / "train.csv", folder / "runs"
    before = (runs / "train.csv").read_text()
    fewer = folder / "fewer.csv"
    fewer.write_text("".join(table.read_text().splitlines(keepends=True)[:-1]))
    with pytest.raises(SystemExit, match="changed since training"):
        run(folder, "train", images=str(folder / "images"), labels=str(fewer))
    assert (runs / "train.csv").read_text() == before


def test_thinned_tables_of_an_earlier_split_go_with_it(folder: Path, tmp_path: Path):
    files, own = Files(str(tmp_path)), folder / "own.toml"
    words = Namespace(config=str(own), labels=str(folder / "images" / "train.csv"), runs=str(tmp_path))
    deal(words, files)
    Path(files.watched).rename(tmp_path / "validate-every-100.csv")
    deal(words, files)
    assert [path.name for path in tmp_path.glob("validate-every-*")] == [Path(files.watched).name]
    assert Path(files.watched).name != "validate-every-100.csv"


def test_a_transformer_is_not_packaged_with_another_tokenizer(folder: Path):
    other = folder / "other"
    shutil.copytree(folder / "runs", other)
    kept = torch.load(other / "tokenizer.pt")
    kept["average"]["tokenizer.encoder.0.0.weight"] += 1
    torch.save(kept, other / "tokenizer.pt")
    for command in ("train", "export"):
        with pytest.raises(SystemExit, match="another tokenizer"):
            main([command, "--config", str(folder / "own.toml"), "--runs", str(other), "--images",
                  str(folder / "images"), *(["--labels", str(folder / "images" / "train.csv")] if command == "train"
                                            else ["--package", str(folder / "none")])])


def test_a_pipeline_file_that_is_there_stays_as_it_is(folder: Path, capsys: pytest.CaptureFixture):
    out = folder / "kept.yaml"
    out.write_text("plan: calibrated\n")
    (folder / "empty").mkdir()
    pipeline.main(["--config", str(folder / "own.toml"), "--package", str(folder / "empty"), "--out", str(out)])
    assert out.read_text() == "plan: calibrated\n"
    assert "stays as it is" in capsys.readouterr().out
