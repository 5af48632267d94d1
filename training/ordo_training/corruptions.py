"""Common corruptions of small images, each at five severities.

Kinds and protocol: Hendrycks & Dietterich 2019, "Benchmarking Neural Network Robustness to Common Corruptions and
Perturbations" (arXiv 1903.12261). Severities: those published with CIFAR-10-C, for 32 x 32 pixels. Departures: frost is
drawn instead of photographed, glass swaps neighbours where the published code copies one over the other, interpolation
is this package's. Two kinds are added: an occluding box, and signs that are seen small.
"""

import io
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from .filters import blur, convolve, disk, magnify, plasma, sample, streak

SEVERITIES = (1, 2, 3, 4, 5)
Random = np.random.Generator


def gaussian_noise(image: np.ndarray, sigma: float, random: Random) -> np.ndarray:
    """Normal noise."""
    return image + random.normal(0, sigma, image.shape)


def shot_noise(image: np.ndarray, photons: float, random: Random) -> np.ndarray:
    """Poisson noise of a white pixel of so many photons."""
    return random.poisson(image * photons) / photons


def impulse_noise(image: np.ndarray, share: float, random: Random) -> np.ndarray:
    """A share of the values becomes black or white."""
    hit, white = random.random(image.shape) < share, random.random(image.shape) < 0.5
    return np.where(hit, white, image)


def defocus_blur(image: np.ndarray, setting: tuple[float, float], random: Random) -> np.ndarray:
    """A disk of a radius and a softness in pixels."""
    return convolve(image, disk(*setting))


def glass_blur(image: np.ndarray, setting: tuple[float, int, int], random: Random) -> np.ndarray:
    """A blur, neighbours swapped at random over a distance and a number of rounds, and the blur again."""
    sigma, reach, rounds = setting
    shuffled = blur(image, sigma).copy()
    height, width = image.shape[:2]
    for _ in range(rounds):
        for row in range(height - 1 - reach, reach, -1):
            for column in range(width - 1 - reach, reach, -1):
                down, right = random.integers(-reach, reach, 2)
                pair = [row, row + down], [column, column + right]
                shuffled[pair] = shuffled[pair][::-1]
    return blur(shuffled, sigma)


def motion_blur(image: np.ndarray, setting: tuple[int, float], random: Random) -> np.ndarray:
    """A streak of a length and a sigma in pixels, up to 45 degrees from the horizontal."""
    return streak(image, *setting, random.uniform(-np.pi / 4, np.pi / 4))


def zoom_blur(image: np.ndarray, largest: float, random: Random) -> np.ndarray:
    """The mean of the image and its enlargements by 1, 1.01 and so on."""
    return np.mean([image, *(magnify(image, factor) for factor in np.arange(1, largest + 0.005, 0.01))], 0)


def snow(image: np.ndarray, setting: tuple, random: Random) -> np.ndarray:
    """Flakes (mean, sigma, enlargement, threshold) that fall (length, sigma) over an image whitened by a share."""
    mean, sigma, enlargement, threshold, length, spread, kept = setting
    flakes = magnify(random.normal(mean, sigma, (*image.shape[:2], 1)), enlargement)
    flakes = np.clip(np.where(flakes < threshold, 0, flakes), 0, 1)
    fallen = streak(flakes, length, spread, random.uniform(-0.75, -0.25) * np.pi)
    grey = image @ np.array([0.299, 0.587, 0.114])
    whitened = np.maximum(image, (grey * 1.5 + 0.5)[..., None])
    return kept * image + (1 - kept) * whitened + fallen + np.rot90(fallen, 2)


def frost(image: np.ndarray, setting: tuple[float, float], random: Random) -> np.ndarray:
    """Shares of the image and of a pane of ice: bluish ridges of one plasma fractal over the clouds of another."""
    height, width = image.shape[:2]
    ridges = 1 - np.abs(2 * plasma(height, width, 1.2, random) - 1)
    ice = 0.7 * ridges**2 + 0.3 * plasma(height, width, 1.5, random)
    return setting[0] * image + setting[1] * (0.2 + 0.8 * ice)[..., None] * np.array([0.85, 0.95, 1.0])


def fog(image: np.ndarray, setting: tuple[float, float], random: Random) -> np.ndarray:
    """A plasma fractal of a thickness and a smoothness is added, the brightest value kept."""
    thickness, decay = setting
    brightest = image.max()
    veiled = image + thickness * plasma(*image.shape[:2], decay, random)[..., None]
    return veiled * brightest / (brightest + thickness)


def brightness(image: np.ndarray, lift: float, random: Random) -> np.ndarray:
    """The value of hue, saturation and value is lifted."""
    value = image.max(-1, keepdims=True)
    lifted = np.minimum(value + lift, 1)
    return np.where(value > 0, image * lifted / np.maximum(value, 1e-9), lifted)


def contrast(image: np.ndarray, share: float, random: Random) -> np.ndarray:
    """Only a share of each value's distance from the colour's mean is left."""
    mean = image.mean((0, 1))
    return mean + share * (image - mean)


def elastic(image: np.ndarray, setting: tuple[float, float, float], random: Random) -> np.ndarray:
    """A smooth random displacement (its size, its sigma) and an affine one of three points, in image widths."""
    height, width = image.shape[:2]
    size, sigma, jitter = np.array(setting) * width
    places = np.stack(np.mgrid[:height, :width], -1).astype(float)
    middle, arm = np.array([height // 2, width // 2]), min(height, width) // 3
    corners = middle + arm * np.array([[1, 1], [1, -1], [-1, -1]])
    moved = corners + random.uniform(-jitter, jitter, (3, 2))
    affine = np.linalg.solve(np.c_[corners, np.ones(3)], moved)
    source = places @ affine[:2] + affine[2] + size * blur(random.uniform(-1, 1, places.shape), sigma)
    return sample(image, source[..., 0], source[..., 1])


def _resized(image: np.ndarray, share: float, how: Image.Resampling) -> np.ndarray:
    """Scaled to a share of its size and back."""
    picture = Image.fromarray(_pixels(image))
    small = picture.resize([max(1, int(side * share)) for side in picture.size], how)
    return np.asarray(small.resize(picture.size, how)) / 255


def pixelate(image: np.ndarray, share: float, random: Random) -> np.ndarray:
    """Scaled to a share of its size and back, by areas."""
    return _resized(image, share, Image.Resampling.BOX)


def small(image: np.ndarray, share: float, random: Random) -> np.ndarray:
    """Scaled to a share of its size and back, smoothly: a sign that is far away."""
    return _resized(image, share, Image.Resampling.BILINEAR)


def as_jpeg(pixels: np.ndarray, quality: int) -> np.ndarray:
    """An image uint8 [H, W, 3], stored as a JPEG, colour at half the resolution, and read again."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality, subsampling="4:2:0")
    return np.asarray(Image.open(file))


def jpeg(image: np.ndarray, quality: int, random: Random) -> np.ndarray:
    """Stored as a JPEG of a quality from 1 to 95."""
    return as_jpeg(_pixels(image), quality) / 255


def occlusion(image: np.ndarray, share: float, random: Random) -> np.ndarray:
    """A square of a share of the area, anywhere, in one random colour."""
    height, width = image.shape[:2]
    side = round(min(height, width) * share**0.5)
    corner, colour = random.random(2), random.random(3)
    top, left = (corner * (np.array([height, width]) - side + 1)).astype(int)
    covered = image.copy()
    covered[top:top + side, left:left + side] = colour
    return covered


@dataclass(frozen=True)
class Corruption:
    """A change of an image, float [H, W, 3] in 0 to 1, and its setting at severities 1 to 5."""

    change: Callable[[np.ndarray, object, Random], np.ndarray]
    settings: tuple


CORRUPTIONS = {
    "gaussian noise": Corruption(gaussian_noise, (0.04, 0.06, 0.08, 0.09, 0.10)),
    "shot noise": Corruption(shot_noise, (500, 250, 100, 75, 50)),
    "impulse noise": Corruption(impulse_noise, (0.01, 0.02, 0.03, 0.05, 0.07)),
    "defocus blur": Corruption(defocus_blur, ((0.3, 0.4), (0.4, 0.5), (0.5, 0.6), (1, 0.2), (1.5, 0.1))),
    "glass blur": Corruption(glass_blur, ((0.05, 1, 1), (0.25, 1, 1), (0.4, 1, 1), (0.25, 1, 2), (0.4, 1, 2))),
    "motion blur": Corruption(motion_blur, ((6, 1), (6, 1.5), (6, 2), (8, 2), (9, 2.5))),
    "zoom blur": Corruption(zoom_blur, (1.05, 1.10, 1.15, 1.20, 1.25)),
    "snow": Corruption(snow, ((0.1, 0.2, 1, 0.6, 8, 3, 0.95), (0.1, 0.2, 1, 0.5, 10, 4, 0.9),
                              (0.15, 0.3, 1.75, 0.55, 10, 4, 0.9), (0.25, 0.3, 2.25, 0.6, 12, 6, 0.85),
                              (0.3, 0.3, 1.25, 0.65, 14, 12, 0.8))),
    "frost": Corruption(frost, ((1, 0.2), (1, 0.3), (0.9, 0.4), (0.85, 0.4), (0.75, 0.45))),
    "fog": Corruption(fog, ((0.2, 3), (0.5, 3), (0.75, 2.5), (1, 2), (1.5, 1.75))),
    "brightness": Corruption(brightness, (0.05, 0.1, 0.15, 0.2, 0.3)),
    "contrast": Corruption(contrast, (0.75, 0.5, 0.4, 0.3, 0.15)),
    "elastic": Corruption(elastic, ((0, 0, 0.08), (0.05, 0.2, 0.07), (0.08, 0.06, 0.06), (0.1, 0.04, 0.05),
                                    (0.1, 0.03, 0.03))),
    "pixelate": Corruption(pixelate, (0.95, 0.9, 0.85, 0.75, 0.65)),
    "jpeg": Corruption(jpeg, (80, 65, 58, 50, 40)),
    "occlusion": Corruption(occlusion, (0.06, 0.12, 0.2, 0.3, 0.4)),
    "small": Corruption(small, (24 / 32, 20 / 32, 16 / 32, 12 / 32, 8 / 32)),
}


def _pixels(image: np.ndarray) -> np.ndarray:
    """Floats in 0 to 1 to uint8; what lies outside is clipped."""
    return (np.clip(image, 0, 1) * 255).round().astype(np.uint8)


def corrupt(pixels: np.ndarray, name: str, severity: int, seed: int, index: int) -> np.ndarray:
    """One image, uint8 [H, W, 3], corrupted.

    The draw depends on the name, the seed and the image's index. It is the same at every severity, so that severities
    are compared on the same noise, streaks and places.
    """
    corruption = CORRUPTIONS[name]
    random = np.random.default_rng([seed, zlib.crc32(name.encode()), index])
    return _pixels(corruption.change(pixels / 255, corruption.settings[severity - 1], random))
