from pathlib import Path

import pytest

from ordo_training.config import load_config

CONFIGS = Path(__file__).parent.parent / "configs"


@pytest.mark.parametrize("name", ["tiny", "traffic-signs", "cifar10"])
def test_the_configurations_here_are_sound(name: str):
    assert load_config(CONFIGS / f"{name}.toml").name == name


@pytest.mark.parametrize(("change", "said"), [
    ("image.width=18", "multiples of 4"),
    ("image.width=32", "model.prefixes: ascending, the last one 32"),
    ('image.fit="crop"', "fill or cover"),
    ("model.head_width=12", "divides model.width"),
    ("model.class_from=3", "0 to model.blocks"),
    ('model.class_by="head"', "sum or norms"),
    ("tokenizer.channels=[8, 12]", "three numbers"),
    ("tokenizer.levels=[4, 2]", "each 3 or more"),
    ("tokenizer.levels=[41, 41, 41]", "65536 at most"),
    ("tokenizer_training.minutes=0", "tokenizer_training.minutes: more than 0"),
    ("model_training.batch=0", "model_training.batch: more than 0"),
    ("model.head_width=0", "model.head_width"),
    ("model.depth=3", "model.depth=3: no such setting"),
    ("model.blocks", "no value"),
    ("tokenizer.channels=[8, 12, 16, 16, 16]", "32 or more, multiples of 16"),
    ("model.prefixes=[16, 8]", "model.prefixes"),
    ("model_training.prefixes=[17]", "model_training.prefixes"),
    ("model_training.prefixes=[4, 8]", "model_training.prefixes: ascending, the last one 16"),
    ('model_training.orders="spiral"', "random or raster"),
    ("model_training.hybrid=-0.1", "model_training.hybrid: 0 or more"),
    ('tokenizer_training.guided_by="labels"', "classes, tracks or nothing"),
])
def test_a_value_that_would_fail_after_hours_is_refused_when_read(change: str, said: str):
    with pytest.raises(ValueError, match=said):
        load_config(CONFIGS / "tiny.toml", [change])


def test_the_class_enters_the_norms_of_all_blocks_or_of_none():
    with pytest.raises(ValueError, match="by norms"):
        load_config(CONFIGS / "tiny.toml", ['model.class_by="norms"', "model.class_from=1"])


def test_there_cannot_be_more_rivals_than_wrong_classes():
    changes = ["model_training.hybrid=0.1", "model_training.rivals=8"]
    with pytest.raises(ValueError, match="fewer than the classes"):
        load_config(CONFIGS / "tiny.toml", changes)
    load_config(CONFIGS / "tiny.toml", changes[1:])


@pytest.mark.parametrize(("text", "said"), [('"circle"', "none of them twice"), ('"tiny"', "^.*name: 1 to 64")])
def test_names_that_ordo_would_refuse_are_refused(text: str, said: str, tmp_path: Path):
    changed = {'"circle"': '"ring"', '"tiny"': '"my signs"'}[text]
    own = (CONFIGS / "tiny.toml").read_text(encoding="utf-8").replace(text, changed)
    (tmp_path / "own.toml").write_text(own, encoding="utf-8")
    with pytest.raises(ValueError, match=said):
        load_config(tmp_path / "own.toml")
