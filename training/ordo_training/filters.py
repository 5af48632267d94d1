"""Blurs, warps and textures of small images, in numpy: what corruptions are made of. Images are floats in 0 to 1."""

import numpy as np


def _gaussian(sigma: float) -> np.ndarray:
    """Weights of a Gaussian cut off at three standard deviations; they sum to 1."""
    reach = int(np.ceil(3 * sigma))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    return weights / weights.sum()


def convolve(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """[H, W, C] filtered by a kernel of odd sides; the border is mirrored."""
    down, across = kernel.shape[0] // 2, kernel.shape[1] // 2
    padded = np.pad(image, ((down, down), (across, across), (0, 0)), mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape, (0, 1))
    return np.einsum("hwcij,ij->hwc", windows, kernel)


def blur(image: np.ndarray, sigma: float) -> np.ndarray:
    """[H, W, C] blurred by a Gaussian of `sigma` pixels."""
    if sigma == 0:
        return image
    weights = _gaussian(sigma)
    return convolve(convolve(image, weights[:, None]), weights[None])


def disk(radius: float, softness: float) -> np.ndarray:
    """The kernel of a lens out of focus: a disk of `radius` pixels, its rim softened by a 3 x 3 Gaussian."""
    reach = int(np.ceil(radius)) + 1
    rows, columns = np.mgrid[-reach:reach + 1, -reach:reach + 1]
    inside = (rows**2 + columns**2 <= radius**2).astype(float)
    rim = np.exp(-0.5 * (np.arange(-1, 2) / softness) ** 2)
    soft = convolve(inside[..., None], np.outer(rim, rim))[..., 0]
    return soft / soft.sum()


def _mirror(places: np.ndarray, size: int) -> np.ndarray:
    """Indices outside of 0 to size - 1, brought inside by reflection."""
    period = 2 * (size - 1)
    folded = np.abs(places) % period
    return np.minimum(folded, period - folded)


def sample(image: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """[H, W, C] read at fractional places [h, w] by bilinear interpolation; the border is mirrored."""
    height, width = image.shape[:2]
    top, left = np.floor(rows).astype(int), np.floor(columns).astype(int)
    down, right = (rows - top)[..., None], (columns - left)[..., None]

    def at(row: np.ndarray) -> np.ndarray:
        line = _mirror(row, height)
        return image[line, _mirror(left, width)] * (1 - right) + image[line, _mirror(left + 1, width)] * right

    return at(top) * (1 - down) + at(top + 1) * down


def magnify(image: np.ndarray, factor: float) -> np.ndarray:
    """[H, W, C] enlarged about its middle by a factor, the size kept."""
    height, width = image.shape[:2]
    rows, columns = np.mgrid[:height, :width]
    middle = (height - 1) / 2, (width - 1) / 2
    return sample(image, middle[0] + (rows - middle[0]) / factor, middle[1] + (columns - middle[1]) / factor)


def streak(image: np.ndarray, length: int, sigma: float, angle: float) -> np.ndarray:
    """[H, W, C] smeared to one side by up to `length` pixels, weights half a Gaussian of `sigma`, angle in radians."""
    rows, columns = np.mgrid[:image.shape[0], :image.shape[1]]
    weights = np.exp(-0.5 * (np.arange(length + 1) / sigma) ** 2)
    return sum(weight * sample(image, rows + step * np.sin(angle), columns + step * np.cos(angle))
               for step, weight in enumerate(weights / weights.sum()))


def _refined(heights: np.ndarray, swing: float, random: np.random.Generator) -> np.ndarray:
    """A height map on a torus at twice the resolution: new places are means of their neighbours, shaken by `swing`."""
    size = len(heights)

    def shaken(*neighbours: np.ndarray) -> np.ndarray:
        return np.mean(neighbours, 0) + random.uniform(-swing, swing, (size, size))

    below, beside = np.roll(heights, -1, 0), np.roll(heights, -1, 1)
    fine = np.empty((2 * size, 2 * size))
    fine[::2, ::2] = heights
    middle = fine[1::2, 1::2] = shaken(heights, below, beside, np.roll(below, -1, 1))
    fine[::2, 1::2] = shaken(heights, beside, middle, np.roll(middle, 1, 0))
    fine[1::2, ::2] = shaken(heights, below, middle, np.roll(middle, 1, 1))
    return fine


def plasma(height: int, width: int, decay: float, random: np.random.Generator) -> np.ndarray:
    """A plasma fractal by the diamond-square method, [height, width] in 0 to 1.

    The displacement falls by decay^2 a doubling, as in the code that was published for CIFAR-10-C.
    """
    heights, swing = np.zeros((1, 1)), 1.0
    while len(heights) < max(height, width):
        heights, swing = _refined(heights, swing, random), swing / decay**2
    heights = heights - heights.min()
    return (heights / heights.max())[:height, :width]
