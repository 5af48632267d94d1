"""The orders in which an image's places are read: permutations drawn from digests, equal in every language."""

import hashlib
from collections.abc import Iterator

import torch

DOMAIN = b"ordo-order-v1\x00"


def words(seed: bytes) -> Iterator[int]:
    """An endless stream of 32-bit words: SHA-256 of the seed and a block counter, big-endian."""
    block = 0
    while True:
        digest = hashlib.sha256(seed + block.to_bytes(4, "big")).digest()
        for start in range(0, 32, 4):
            yield int.from_bytes(digest[start:start + 4], "big")
        block += 1


def order(model: bytes, image: bytes, k: int, positions: int) -> list[int]:
    """Permutation `k` of 0 to positions - 1 for a model digest and an image digest of 32 bytes each."""
    stream = words(hashlib.sha256(DOMAIN + model + image + k.to_bytes(4, "big")).digest())
    places = list(range(positions))
    for last in range(positions - 1, 0, -1):
        limit = 2**32 // (last + 1) * (last + 1)
        word = next(stream)
        while word >= limit:
            word = next(stream)
        other = word % (last + 1)
        places[last], places[other] = places[other], places[last]
    return places


def random_orders(rows: int, positions: int, prefix: int, device: torch.device | str = "cpu") -> torch.Tensor:
    """The first `prefix` places of a fresh random permutation for each row, int64 [rows, prefix]."""
    return torch.rand(rows, positions, device=device).argsort(1)[:, :prefix]


def raster_orders(rows: int, positions: int, prefix: int, device: torch.device | str = "cpu") -> torch.Tensor:
    """The first `prefix` places from left to right and down, the same for each row, int64 [rows, prefix]."""
    return torch.arange(positions, device=device)[:prefix].expand(rows, -1)
