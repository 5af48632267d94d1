"""Two classifiers compared image by image, from what their result files keep."""

import numpy as np

from .evaluate import mean_gain

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
    return mean_gain(np.mean([ours_right[cell] - theirs_right[cell] for cell in ours_right], 0), tracks_of(ours))


def tracks_of(found: dict) -> np.ndarray:
    """The track of each image that a result file was measured on, [images]."""
    return np.array(found["trackOfImage"].split())


def right_of(marks: str) -> np.ndarray:
    """Which images were labelled right, [images] of 0 and 1."""
    return np.array([float(mark) for mark in marks])


def _marks(right: str | dict[str, str]) -> dict[str, np.ndarray]:
    """Which images were labelled right, [images] of 0 and 1, by corruption and severity, or all if there is none."""
    cells = {"": right} if isinstance(right, str) else right
    return {cell: right_of(marks) for cell, marks in cells.items() if cell != "clean 0"}
