from pathlib import Path

import numpy as np
import pytest

from ordo_training.store import Store, digest_of


def test_what_is_kept_is_not_made_again(tmp_path: Path):
    path = tmp_path / "kept.npz"
    assert (Store(path, {"seed": 1}).get("a b", lambda: np.arange(3)) == np.arange(3)).all()
    assert (Store(path, {"seed": 1}).get("a b", lambda: pytest.fail("made twice")) == np.arange(3)).all()


def test_what_was_made_under_other_settings_is_refused(tmp_path: Path):
    Store(tmp_path / "kept.npz", {"seed": 1}).get("a", lambda: np.arange(3))
    with pytest.raises(ValueError, match="other settings"):
        Store(tmp_path / "kept.npz", {"seed": 2})


def test_without_a_path_arrays_are_made_once_and_not_kept():
    store = Store(None, {})
    assert store.get("a", lambda: np.ones(2)) is store.get("a", lambda: pytest.fail("made twice"))


def test_a_digest_tells_values_shapes_and_types_apart():
    values = np.arange(6)
    others = [values[::-1], values.reshape(2, 3), values.astype(float)]
    assert digest_of(values) == digest_of(np.arange(6)) and digest_of(values) not in map(digest_of, others)
