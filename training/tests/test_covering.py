from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ordo_training.config import Config
from ordo_training.images import read_image

SIZES = ((400, 300), (300, 400), (401, 77), (10, 40), (9, 14))
KEPT = Path(__file__).parent / "fixtures" / "covering.npz"
"""What Ordo's `decodeImage` (src/adapters/onnx/decode.ts) makes of `drawn` images: 16 x 16 pixels, fit cover."""


def drawn(width: int, height: int) -> Image.Image:
    """Waves of several lengths along both sides, drawn in whole numbers."""
    across, down = np.meshgrid(np.arange(width), np.arange(height))

    def wave(values: np.ndarray) -> np.ndarray:
        return np.abs(values % 510 - 255)

    planes = wave(across * 5 * 400 // width), wave(down * 7 * 300 // height), wave(across * 3 + down * 4)
    return Image.fromarray(np.stack(planes, 2).astype(np.uint8))


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_an_image_that_shall_cover_is_cropped_as_ordo_crops_it(
        width: int, height: int, config: Config, tmp_path: Path):
    covering = replace(config, image=replace(config.image, fit="cover"))
    drawn(width, height).save(tmp_path / "drawn.png")
    found = read_image(tmp_path / "drawn.png", covering).astype(int)
    with np.load(KEPT) as kept:
        assert np.abs(found - kept[f"{width}x{height}"]).max() <= 8
