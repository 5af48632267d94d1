"""Writes orders.golden.json: the orders of docs/model-format.md by way of hashlib, apart from the code they check.

Run by hand:  python3 test/domain/orders.golden.py > test/domain/orders.golden.json
"""

import hashlib
import json

ZEROS = bytes(32)
COUNTING = bytes(range(32))
HIGH = bytes([255, 128] * 16)
TEXT = hashlib.sha256(b"ordo").digest()


def words(seed):
    block = 0
    while True:
        digest = hashlib.sha256(seed + block.to_bytes(4, "big")).digest()
        yield from (int.from_bytes(digest[i : i + 4], "big") for i in range(0, 32, 4))
        block += 1


def order(model, image, k, positions):
    """The permutation, and how many words were rejected on the way."""
    stream = words(hashlib.sha256(b"ordo-order-v1" + b"\x00" + model + image + k.to_bytes(4, "big")).digest())
    places, rejected = list(range(positions)), 0
    for i in range(positions - 1, 0, -1):
        limit = 2**32 // (i + 1) * (i + 1)
        word = next(stream)
        while word >= limit:
            word, rejected = next(stream), rejected + 1
        j = word % (i + 1)
        places[i], places[j] = places[j], places[i]
    return places, rejected


def whole(model, image, k, positions):
    return {"model": model.hex(), "image": image.hex(), "k": k, "positions": positions, "order": order(model, image, k, positions)[0]}


def hashed(model, image, positions):
    """The first order that rejects a word, as the SHA-256 of its places, 16 bits each, big-endian."""
    k = 0
    while True:
        places, rejected = order(model, image, k, positions)
        if rejected:
            digest = hashlib.sha256(b"".join(place.to_bytes(2, "big") for place in places)).hexdigest()
            return {"model": model.hex(), "image": image.hex(), "k": k, "positions": positions, "rejected": rejected, "sha256": digest}
        k += 1


pairs = [(ZEROS, ZEROS), (COUNTING, TEXT), (HIGH, COUNTING)]
orders = [
    whole(model, image, k, positions)
    for positions in (1, 2, 16, 64, 256)
    for k in (0, 1, 1000)
    for model, image in (pairs if positions <= 64 else pairs[1:2])
]
orders.append(whole(TEXT, HIGH, 2**32 - 1, 64))
print(json.dumps({"orders": orders, "hashed": [hashed(TEXT, COUNTING, 65536)]}))
