"""What the tests share: the configuration of the tiny model."""

from pathlib import Path

import pytest

from ordo_training.config import Config, load_config


@pytest.fixture(scope="session")
def config() -> Config:
    return load_config(Path(__file__).parent.parent / "configs" / "tiny.toml")
