"""Reads images with a package as it ships: ONNX Runtime in float32, orders by the package's specification."""

import hashlib
import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .config import Config
from .export import package_digest, run_rows, session
from .orders import order

Job = tuple[np.ndarray, bytes]
_worker: dict = {}


class Scorer:
    """The encoder and the score graph of a package, one thread each."""

    def __init__(self, config: Config, package: Path):
        self.config, self.digest = config, package_digest(package)
        self.encoder, self.scorer = session(package / "encoder.onnx"), session(package / "score.onnx")

    def tokens(self, pixels: np.ndarray) -> np.ndarray:
        """uint8 [height, width, 3] to int32 [1, N]."""
        return self.encoder.run(None, {"image": pixels[None]})[0]

    def orders(self, image: bytes, count: int) -> list[list[int]]:
        """The first orders of an image whose SHA-256 digest is given."""
        return [order(self.digest, image, k, self.config.positions) for k in range(count)]

    def token_likelihoods(self, tokens: np.ndarray, places: list[int]) -> np.ndarray:
        """log p of each token [1, N] at the places of an order under every class, nats, float64 [classes, places]."""
        classes = len(self.config.classes)
        rows = (np.repeat(tokens, classes, 0), np.tile(np.array(places, np.int32), (classes, 1)),
                np.arange(classes, dtype=np.int32))
        return run_rows(self.scorer, rows).astype(np.float64)

    def evidence(self, pixels: np.ndarray, orders: list[list[int]], prefixes: tuple[int, ...]) -> np.ndarray:
        """Log-likelihoods of one image, nats [orders, prefixes, classes]."""
        tokens, ends = self.tokens(pixels), np.array(prefixes) - 1
        return np.stack([self.token_likelihoods(tokens, places[:max(prefixes)]).cumsum(1)[:, ends].T
                         for places in orders])


@dataclass(frozen=True)
class Reading:
    """How an image is read: in so many drawn orders, up to these prefix lengths, and in raster order at the end."""

    orders: int
    prefixes: tuple[int, ...]
    raster: bool = False


def _prepare(config: Config, package: Path, reading: Reading) -> None:
    """What each process keeps between images."""
    _worker.update(scorer=Scorer(config, package), reading=reading)


def _read(job: Job) -> np.ndarray:
    """The evidence of one image, nats [orders, prefixes, classes]."""
    (pixels, image), scorer, reading = job, _worker["scorer"], _worker["reading"]
    orders = scorer.orders(image, reading.orders)
    if reading.raster:
        orders.append(list(range(scorer.config.positions)))
    return scorer.evidence(pixels, orders, reading.prefixes)


@contextmanager
def readers(config: Config, package: Path, reading: Reading,
            workers: int) -> Iterator[Callable[[Iterable[Job]], Iterator[np.ndarray]]]:
    """A function from images, as pixels and SHA-256 digests, to their evidence; single-threaded processes do it."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(workers, _prepare, (config, package, reading)) as pool:
        yield lambda jobs: pool.imap(_read, jobs)


def job_of(pixels: np.ndarray) -> Job:
    """An image that is no file: its digest is that of its pixels."""
    return pixels, hashlib.sha256(pixels.tobytes()).digest()
