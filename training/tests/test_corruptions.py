import numpy as np
import pytest

from ordo_training.corruptions import CORRUPTIONS, SEVERITIES, corrupt
from ordo_training.filters import blur, disk, magnify, plasma, sample, streak
from ordo_training.shapes import SHAPES, draw_shape

IMAGES = [draw_shape(kind, 32, np.random.default_rng(kind)) for kind in range(len(SHAPES))]


def damage(name: str, severity: int) -> float:
    """The mean absolute change of the drawn images, in grey levels."""
    return float(np.mean([np.abs(corrupt(image, name, severity, 0, index).astype(int) - image).mean()
                          for index, image in enumerate(IMAGES)]))


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_corruption_keeps_the_shape_and_depends_on_seed_and_index_only(name: str):
    image = IMAGES[3]
    for severity in SEVERITIES:
        made = corrupt(image, name, severity, 1, 7)
        assert made.shape == image.shape and made.dtype == np.uint8
        assert (made == corrupt(image, name, severity, 1, 7)).all()
    random = not (corrupt(image, name, 3, 1, 8) == corrupt(image, name, 3, 1, 7)).all()
    still = name in ("defocus blur", "zoom blur", "brightness", "contrast", "pixelate", "jpeg", "small")
    assert random != still


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_the_severest_changes_more_than_the_slightest(name: str):
    slight, severe = damage(name, 1), damage(name, 5)
    assert slight > 0.05
    # A displacement's reach falls where its frequency rises, and thick ice darkens light images as it lights dark ones.
    assert name in ("elastic", "frost") or severe > 1.2 * slight


def test_corruptions_take_images_of_other_shapes():
    image = np.random.default_rng(0).integers(0, 256, (16, 24, 3), dtype=np.uint8)
    assert all(corrupt(image, name, 5, 0, 0).shape == image.shape for name in CORRUPTIONS)


def test_occlusion_covers_its_share():
    dark = np.zeros((32, 32, 3), np.uint8)
    shares = [(corrupt(dark, "occlusion", severity, 0, 5) > 0).any(-1).mean() for severity in SEVERITIES]
    assert np.allclose(shares, CORRUPTIONS["occlusion"].settings, atol=0.03)


def test_brightness_keeps_the_hue():
    image = np.full((4, 4, 3), (100, 50, 0), np.uint8)
    assert np.abs(corrupt(image, "brightness", 4, 0, 0) - np.array([151.0, 75.5, 0])).max() < 1


def test_blurs_keep_a_plain_image_and_the_sum_of_a_point():
    plain, point = np.full((32, 32, 1), 0.4), np.zeros((32, 32, 1))
    point[16, 16] = 1
    for change in (lambda x: blur(x, 1.3), lambda x: streak(x, 6, 2, 0.5)):
        assert np.allclose(change(plain), plain)
        assert abs(change(point).sum() - 1) < 1e-6 and change(point).max() < 0.5
    assert abs(disk(1.5, 0.1).sum() - 1) < 1e-9 and disk(0.3, 0.4).argmax() == disk(0.3, 0.4).size // 2


def test_sampling_interpolates_and_mirrors():
    image = np.arange(4.0)[None, :, None].repeat(4, 0)
    at = sample(image, np.array([[0.0, 1.5, 0.0]]), np.array([[1.5, 2.0, -1.0]]))
    assert np.allclose(at[0, :, 0], [1.5, 2.0, 1.0])


def test_magnifying_by_one_changes_nothing_and_by_two_shows_the_middle():
    image = np.random.default_rng(0).random((8, 8, 3))
    assert np.allclose(magnify(image, 1), image)
    assert np.allclose(magnify(np.arange(8.0)[None, :, None].repeat(8, 0), 2)[0, [0, 7], 0], [1.75, 5.25])


def test_a_fractal_of_strong_decay_is_smooth():
    def roughness(decay: float) -> float:
        return float(np.abs(np.diff(plasma(32, 32, decay, np.random.default_rng(1)), axis=0)).mean())
    heights = plasma(20, 32, 2, np.random.default_rng(0))
    assert heights.shape == (20, 32) and heights.min() >= 0 and heights.max() <= 1
    assert roughness(3) < 0.5 * roughness(1.1)
