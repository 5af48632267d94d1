"""The pixels of one image file, read as Ordo reads them."""

import functools
import io
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

import numpy as np
from PIL import Image, ImageCms, ImageOps

from .config import Config

BACKGROUND = (128, 128, 128)  # behind what is transparent, as Ordo lays it

Image.init()
FORMATS = tuple(name for name in ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF") if name in Image.OPEN)
"""The formats that Ordo takes, as far as this Pillow has them."""

Words = ParamSpec("Words")
Result = TypeVar("Result")


class ImageError(ValueError):
    """A file that cannot be read as an image; the message names it and says why."""


def ends_by_sentence(command: Callable[Words, Result]) -> Callable[Words, Result]:
    """A command that ends the program by the sentence of an ImageError rather than by a traceback."""

    @functools.wraps(command)
    def ending(*words: Words.args, **named: Words.kwargs) -> Result:
        try:
            return command(*words, **named)
        except ImageError as error:
            sys.exit(str(error))

    return ending


def _in_srgb(image: Image.Image) -> Image.Image:
    """An image whose file carries a colour profile, in sRGB, transparency kept; others, and broken ones, as is."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in ("RGB", "RGBA", "L", "LA", "P", "PA", "CMYK"):
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        alpha = image.convert("RGBA").getchannel("A") if image.has_transparency_data else None
        opaque = image if image.mode in ("L", "CMYK") else image.convert("L" if image.mode == "LA" else "RGB")
        found = ImageCms.profileToProfile(opaque, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return image
    if alpha is not None:
        found.putalpha(alpha)
    return found


def _upright(image: Image.Image) -> Image.Image:
    """An image as Ordo sees it: turned as EXIF says, in sRGB, 16 bits brought to 8, transparency laid on grey, RGB."""
    image = _in_srgb(ImageOps.exif_transpose(image))
    if image.mode.startswith("I"):
        image = Image.fromarray((np.asarray(image, dtype=np.float64) / 257).round().clip(0, 255).astype(np.uint8))
    if not image.has_transparency_data:
        return image.convert("RGB")
    ground = Image.new("RGBA", image.size, BACKGROUND)
    return Image.alpha_composite(ground, image.convert("RGBA")).convert("RGB")


def _middle(there: int, wanted: int, shrink: float) -> tuple[float, float]:
    """Where the middle of a side of `there` pixels begins and ends that becomes `wanted` pixels, `shrink` to one.

    As sharp has it: the side becomes whole pixels about its middle, and an odd one of them more goes at the beginning.
    """
    made = round(there / shrink)
    begin = (there - made * shrink) / 2 + (made - wanted + 1) // 2 * shrink
    begin = min(max(0.0, begin), there - wanted * shrink)
    return max(0.0, begin), min(there, begin + wanted * shrink)


def _covering(image: Image.Image, width: int, height: int) -> Image.Image:
    """The middle of an image that covers width x height; one that is too small is first cropped, and then enlarged."""
    scale = max(1, width / image.width, height / image.height)
    kept = [min(there, max(1, math.floor(wanted / scale + 0.5)))
            for wanted, there in zip((width, height), image.size, strict=True)]
    shrink = min(there / wanted for wanted, there in zip(kept, image.size, strict=True))
    (left, right), (top, bottom) = (_middle(there, wanted, shrink)
                                    for there, wanted in zip(image.size, kept, strict=True))
    return image.resize(kept, box=(left, top, right, bottom)).resize((width, height))


def read_image(path: str | Path, config: Config) -> np.ndarray:
    """The pixels of one file as uint8 [height, width, 3], in the model's shape; raises ImageError where it cannot."""
    size = (config.image.width, config.image.height)
    try:
        with Image.open(path, formats=FORMATS) as opened:
            image = _upright(opened)
    except Exception as error:  # decoders raise errors of many kinds on a damaged file
        raise ImageError(f"{path}: {error}") from error
    if image.size != size:
        image = _covering(image, *size) if config.image.fit == "cover" else image.resize(size)
    return np.asarray(image)
