"""Arrays that a long measurement keeps as it goes, so that it can be run again and goes on where it stood."""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np


def digest_of(*arrays: np.ndarray) -> str:
    """SHA-256 of the shapes and values of arrays: what tells the images of one measurement from those of another."""
    hashed = hashlib.sha256()
    for array in arrays:
        hashed.update(f"{array.shape} {array.dtype}".encode() + np.ascontiguousarray(array).tobytes())
    return hashed.hexdigest()


class Store:
    """Arrays by name in one .npz file beside the settings they were made under; without a path, nothing is kept."""

    def __init__(self, path: str | Path | None, settings: dict):
        self.path, self.arrays = path and Path(path), {}
        self.settings = json.dumps(settings, sort_keys=True)
        if self.path and self.path.exists():
            with np.load(self.path) as kept:
                if str(kept["settings"]) != self.settings:
                    raise ValueError(f"{path} was made under other settings: {kept['settings']}")
                self.arrays = {name: kept[name] for name in kept.files if name != "settings"}

    def get(self, name: str, make: Callable[[], np.ndarray]) -> np.ndarray:
        """The array of a name: as kept, or made now and kept."""
        if name not in self.arrays:
            self.arrays[name] = make()
            self._write()
        return self.arrays[name]

    def _write(self) -> None:
        """Writes all arrays, whole or not at all."""
        if self.path:
            partial = self.path.with_suffix(".partial.npz")
            np.savez_compressed(partial, settings=np.array(self.settings), **self.arrays)
            os.replace(partial, self.path)
