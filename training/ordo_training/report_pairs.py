"""Two classifiers compared image by image, from what their result files keep."""

import numpy as np

from .evaluate import gain_interval

SAME = ("table", "pixels", "seed", "trackOfImage")  # what tells which images were read, as far as a file says


def paired_gain(ours: dict, theirs: dict) -> dict | None:
    """How much more often one classifier is right than another, paired by image.

    Over all corruptions where there are any. None where a file does not say which images were right, or the two did
    not read the same ones.
    """
    if not all("rightByImage" in one for one in (ours, theirs)) or any(ours.get(k) != theirs.get(k) for k in SAME):
        return None
    ours_right, theirs_right = _marks(ours["rightByImage"]), _marks(theirs["rightByImage"])
    if ours_right.keys() != theirs_right.keys():
        return None
    differences = np.mean([ours_right[cell] - theirs_right[cell] for cell in ours_right], 0)
    tracks = np.array(ours["trackOfImage"].split())
    return {"gain": float(differences.mean()), "interval": gain_interval(differences, tracks)}


def _marks(right: str | dict[str, str]) -> dict[str, np.ndarray]:
    """Which images were labelled right, [images] of 0 and 1, by corruption and severity, or all if there is none."""
    cells = {"": right} if isinstance(right, str) else right
    return {cell: np.array([float(mark) for mark in marks]) for cell, marks in cells.items() if cell != "clean 0"}
