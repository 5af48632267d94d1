"""Writes golden.json: what PyTorch computes in float32, for checks of any other implementation.

Its images are drawn and painted here, so that no image of a data set is in it.
"""

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from .config import Config, add_config, config_of
from .export import package_digest
from .graphs import DecoderGraph, EncoderGraph, ScoreGraph
from .model import AnyOrder
from .orders import order
from .paint import sample_tokens
from .shapes import SHAPES, draw_shape
from .tokenizer import Tokenizer
from .train_model import load_model
from .train_tokenizer import load_tokenizer

MARGIN = 1e-5
"""How near a rounding boundary a value may lie, in levels: other machines differ by about 1e-6."""


def order_vectors(model: str) -> list[dict]:
    """Orders for made-up image digests: several lengths, first and large k, this model's digest and others."""
    cases = [(model, "a", 0, 64), (model, "a", 1, 64), (model, "a", 7, 64), (model, "b", 0, 64),
             (model, "b", 2**16 + 3, 64), (model, "b", 2**32 - 1, 64), (model, "a", 0, 16), (model, "a", 15, 16),
             (model, "b", 2**31, 16), (model, "a", 0, 1), (model, "a", 3, 2), (model, "a", 5, 256), ("", "", 0, 64)]
    vectors = []
    for digest, name, k, positions in cases:
        digest = digest or "00" * 32
        image = hashlib.sha256(name.encode()).hexdigest() if name else "ff" * 32
        places = order(bytes.fromhex(digest), bytes.fromhex(image), k, positions)
        vectors.append({"model": digest, "image": image, "k": k, "positions": positions, "order": places})
    return vectors


def painted_images(model: AnyOrder, tokenizer: Tokenizer, config: Config, count: int) -> np.ndarray:
    """Images sampled from the model and shown by its decoder, uint8 [count, height, width, 3]."""
    categories = torch.arange(count) % len(config.classes)
    with torch.no_grad():
        images = DecoderGraph(tokenizer, config)(sample_tokens(model, config, categories).int())
    return ((images.clamp(-1, 1) + 1) * 127.5).round().byte().numpy()


def drawn_images(config: Config, count: int) -> np.ndarray:
    """Drawn shapes, uint8 [count, height, width, 3]: of a square as large as the longer side, its upper left part."""
    random, height, width = np.random.default_rng(7), config.image.height, config.image.width
    squares = [draw_shape(i % len(SHAPES), max(height, width), random) for i in range(count)]
    return np.stack(squares)[:, :height, :width]


@torch.no_grad()
def clearance(tokenizer: Tokenizer, pixels: np.ndarray) -> np.ndarray:
    """How far the value of each image that is nearest to a rounding boundary is from it, in levels."""
    images = torch.from_numpy(pixels).permute(0, 3, 1, 2).float()
    bounded = tokenizer.quantize.bound(tokenizer.encoder(tokenizer.normalize(images)))
    distance = ((bounded - bounded.floor()) - 0.5).abs()
    return distance.flatten(1).amin(1).numpy()


def image_vectors(tokenizer: Tokenizer, pixels: np.ndarray, limit: int) -> list[dict]:
    """Pixels and tokens of the `limit` images that are farthest from rounding boundaries: the same on any machine.

    Ends the program where so many do not stay clear of them.
    """
    clear = clearance(tokenizer, pixels)
    kept = pixels[np.argsort(-clear, kind="stable")[:limit]]
    if (clear > MARGIN).sum() < limit:
        sys.exit(f"of {len(pixels)} images {(clear > MARGIN).sum()} stay clear of rounding boundaries, "
                 f"and {limit} are needed: ask for fewer by --images")
    with torch.no_grad():
        tokens = EncoderGraph(tokenizer)(torch.from_numpy(kept))
    return [{"pixels": base64.b64encode(image.tobytes()).decode(), "tokens": row.tolist()}
            for image, row in zip(kept, tokens, strict=True)]


def row_vectors(model: AnyOrder, config: Config, images: list[dict], digest: str) -> list[dict]:
    """Rows over the tokens of golden images: every prefix length of the model, length 1, several classes."""
    vectors = []
    for index, image in enumerate(images):
        for k, prefix in enumerate((1, *config.model.prefixes)):
            places = order(bytes.fromhex(digest), hashlib.sha256(bytes([index])).digest(), k, config.positions)[:prefix]
            category = (index * 5 + k * 11) % len(config.classes)
            with torch.no_grad():
                values = ScoreGraph(model)(torch.tensor([image["tokens"]]), torch.tensor([places]),
                                           torch.tensor([category]))[0]
            vectors.append({"tokens": image["tokens"], "order": places, "class": category,
                            "logLikelihood": [float(np.float32(v)) for v in values]})
    return vectors


def main(words: Sequence[str] | None = None) -> None:
    """Writes golden.json into a package folder that has its manifest."""
    parser = argparse.ArgumentParser(description="Write golden vectors.")
    add_config(parser)
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--out", required=True, help="the package folder")
    parser.add_argument("--images", type=int, default=12)
    arguments = parser.parse_args(words)
    torch.manual_seed(1)
    config, out = config_of(arguments), Path(arguments.out)
    tokenizer = load_tokenizer(arguments.tokenizer, config)
    model = load_model(arguments.model, config, tokenizer)
    digest = package_digest(out).hex()
    half = arguments.images // 2
    images = (image_vectors(tokenizer, painted_images(model, tokenizer, config, 8 * half), half)
              + image_vectors(tokenizer, drawn_images(config, 8 * half), arguments.images - half))
    golden = {"orders": order_vectors(digest), "images": images,
              "rows": row_vectors(model, config, images[::3], digest)}
    (out / "golden.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n", encoding="utf-8")
    print(", ".join(f"{len(vectors)} {name}" for name, vectors in golden.items()))


if __name__ == "__main__":
    main()
