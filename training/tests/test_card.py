import json
import shutil
from pathlib import Path

import pytest

from ordo_training import card
from ordo_training.config import Config
from ordo_training.runs import read_checkpoint

PACKAGE = Path(__file__).parents[2] / "models" / "tiny"
TEMPLATE = Path(__file__).parents[1] / "cards" / "package.md"
TOKENIZER = {"measured": {"psnr": 20.0, "bits": 3.0, "accuracy": 0.9}, "step": 10, "seconds": 60.0}
MODEL = {"average": {}, "step": 10, "seconds": 60.0}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    for name in ("checks.json", "results.json"):
        shutil.copy(PACKAGE / name, tmp_path)
    return tmp_path


def text_of(config: Config, package: Path) -> str:
    return card.filled(TEMPLATE, card.values_of(config, package, TOKENIZER, MODEL), package)


def test_a_card_holds_what_was_measured(config: Config, package: Path):
    results = json.loads((package / "results.json").read_text())
    assert f"{results['images']} images of {results['tracks']} tracks" in text_of(config, package)


@pytest.mark.parametrize(("seen", "said"), [
    (8, ", all 8 classes,"), (6, ", 6 of the 8 classes,"), (None, ", 8 classes,"),
])
def test_a_card_says_how_many_classes_the_images_are_of(
        seen: int | None, said: str, config: Config, package: Path):
    results = json.loads((package / "results.json").read_text())
    results.pop("classesSeen", None)
    (package / "results.json").write_text(json.dumps(results if seen is None else {**results, "classesSeen": seen}))
    assert said in text_of(config, package)


def test_a_card_without_an_evaluation_is_refused_by_a_sentence(config: Config, package: Path):
    (package / "results.json").unlink()
    with pytest.raises(SystemExit, match="holds no results.json: run evaluate first"):
        text_of(config, package)


def test_a_card_of_figures_of_another_export_is_refused_by_a_sentence(config: Config, package: Path):
    checks = json.loads((package / "checks.json").read_text())
    (package / "checks.json").write_text(json.dumps({**checks, "model": "another"}))
    with pytest.raises(SystemExit, match="results.json is of another model: run evaluate again"):
        text_of(config, package)


def test_a_card_of_a_folder_without_a_package_is_refused_by_a_sentence(config: Config, tmp_path: Path):
    with pytest.raises(SystemExit, match="export first"):
        text_of(config, tmp_path)


def test_a_template_that_names_what_nobody_measures_is_refused_by_its_name(config: Config, package: Path):
    own = package / "own.md"
    own.write_text("$name was made in $country")
    with pytest.raises(SystemExit, match=r"own.md names \$country, which was not measured$"):
        card.filled(own, card.values_of(config, package, TOKENIZER, MODEL), package)


def test_a_checkpoint_that_is_not_there_is_refused_by_a_sentence(tmp_path: Path):
    with pytest.raises(SystemExit, match="model.pt is not there: train first"):
        read_checkpoint(tmp_path / "model.pt")
