"""Writes docs/evidence-maps.md: which tokens spoke for the label, and which for the class that it was up against.

The images are painted by the model, and corrupted for wrong examples: no image of a data set is shown.
"""

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from string import Template

import matplotlib
import numpy as np
import torch
from matplotlib.figure import Figure
from matplotlib.gridspec import SubplotSpec

from .card import table
from .config import Config, add_config, config_of
from .corruptions import corrupt
from .evaluate import log_softmax
from .export import session
from .paint import sample_tokens
from .plots import STYLE, save
from .restore import restore_model
from .scoring import Scorer, job_of

PAGE = Path(__file__).parent.parent / "cards" / "evidence-maps.md"
SPOILING = (("occlusion", 4), ("small", 5), ("glass blur", 5), ("snow", 5), ("contrast", 5), ("motion blur", 5))


@dataclass(frozen=True)
class Example:
    """An image that was read: what it shows, what was done to it, and what each of its tokens said.

    `seen` is the image of its tokens as the decoder shows it, float [height, width, 3] in 0 to 1; `evidence` holds the
    mean over orders of log p(token | class) by place, nats [classes, N].
    """

    painted: int
    change: str
    seen: np.ndarray
    evidence: np.ndarray

    @property
    def posterior(self) -> np.ndarray:
        """Posterior over the classes, even prior, [classes]."""
        return np.exp(log_softmax(self.evidence.sum(1)))

    @property
    def ranked(self) -> np.ndarray:
        """Class ids, the most likely first."""
        return (-self.evidence.sum(1)).argsort(kind="stable")

    @property
    def right(self) -> bool:
        """Whether the label is the class that was painted."""
        return bool(self.ranked[0] == self.painted)

    @property
    def rival(self) -> int:
        """The runner-up of a right label; of a wrong label, the class that was painted."""
        return int(self.ranked[1]) if self.right else self.painted

    @property
    def balance(self) -> np.ndarray:
        """log p(token | label) - log p(token | rival) by place, nats [N]; its sum is the margin of the label."""
        return self.evidence[self.ranked[0]] - self.evidence[self.rival]


def by_place(scorer: Scorer, tokens: np.ndarray, orders: list[list[int]]) -> np.ndarray:
    """The mean over orders of log p(token | class) by place, nats [classes, N], of tokens int32 [1, N]."""
    total = np.zeros((len(scorer.config.classes), tokens.shape[1]))
    for places in orders:
        total[:, places] += scorer.token_likelihoods(tokens, places)
    return total / len(orders)


class Reader:
    """Decodes and reads images with a package, in a number of orders."""

    def __init__(self, config: Config, package: Path, orders: int):
        self.scorer, self.orders = Scorer(config, package), orders
        self.decoder = session(package / "decoder.onnx")

    def decode(self, tokens: np.ndarray) -> np.ndarray:
        """int32 [B, N] to float [B, height, width, 3] in 0 to 1."""
        return (self.decoder.run(None, {"tokens": tokens})[0].clip(-1, 1) + 1) / 2

    def read(self, pixels: np.ndarray, painted: int, change: str) -> Example:
        """Encodes and reads one image uint8 [height, width, 3]."""
        tokens = self.scorer.tokens(pixels)
        orders = self.scorer.orders(job_of(pixels)[1], self.orders)
        return Example(painted, change, self.decode(tokens)[0], by_place(self.scorer, tokens, orders))


def paint(config: Config, package: Path, reader: Reader, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Images that the model paints, uint8 [count, height, width, 3], and their classes, spread over all."""
    torch.manual_seed(seed)
    categories = torch.arange(count) * len(config.classes) // count
    tokens = sample_tokens(restore_model(config, package), config, categories)
    return (255 * reader.decode(tokens.int().numpy())).round().astype(np.uint8), categories.numpy()


def clean(reader: Reader, images: np.ndarray, categories: np.ndarray) -> Iterator[Example]:
    """The painted images, read as they are."""
    return (reader.read(pixels, int(category), "as painted")
            for pixels, category in zip(images, categories, strict=True))


def spoiled(reader: Reader, images: np.ndarray, categories: np.ndarray) -> Iterator[Example]:
    """The painted images, each corrupted in one of the ways of SPOILING by turns."""
    for index, (pixels, category) in enumerate(zip(images, categories, strict=True)):
        name, severity = SPOILING[index % len(SPOILING)]
        changed = corrupt(pixels, name, severity, 0, index)
        yield reader.read(changed, int(category), f"{name}, severity {severity}")


def choose(examples: Iterable[Example], right: bool, count: int) -> list[Example]:
    """The first examples whose label is right, or wrong."""
    return list(islice((one for one in examples if one.right == right), count))


def _panel(figure: Figure, at: SubplotSpec, example: Example, config: Config, limit: float):
    """The image of the tokens, and the balance over it: blue for the label, red for its rival."""
    left, right = (figure.add_subplot(cell) for cell in at.subgridspec(1, 2, wspace=0.05))
    extent = (0, config.image.width, config.image.height, 0)
    for axes in (left, right):
        axes.imshow(example.seen, extent=extent, interpolation="nearest")
        axes.set(xticks=[], yticks=[])
    grey = example.seen.mean(-1)
    right.imshow(grey, cmap="gray", vmin=0, vmax=1, extent=extent, interpolation="nearest")
    drawn = right.imshow(example.balance.reshape(config.grid), cmap="RdBu", vmin=-limit, vmax=limit, alpha=0.55,
                         extent=extent, interpolation="nearest")
    names = [config.classes[k] for k in (example.ranked[0], example.rival)]
    left.set_title(f"{names[0]}\nagainst {names[1]}", loc="left", fontsize=7)
    return drawn


def draw(path: Path, examples: list[Example], config: Config, columns: int = 3) -> None:
    """All examples on one sheet; one scale of colours, in nats a token."""
    lines = -(-len(examples) // columns)
    limit = max(float(np.quantile(np.abs(one.balance), 0.98)) for one in examples)
    with matplotlib.rc_context({**STYLE, "axes.grid": False}):
        figure = Figure(figsize=(3.1 * columns, 2.0 * lines))
        grid = figure.add_gridspec(lines, columns, hspace=0.35, wspace=0.1)
        for index, example in enumerate(examples):
            drawn = _panel(figure, grid[index // columns, index % columns], example, config, limit)
        figure.colorbar(drawn, ax=figure.axes, shrink=0.6, label="nats: for the label (+), for its rival (-)")
    save(figure, path)


def listing(examples: list[Example], config: Config) -> str:
    """A table of what was painted, done and read."""
    rows = [[config.classes[one.painted], one.change, config.classes[one.ranked[0]],
             f"{one.posterior[one.ranked[0]]:.2f}", config.classes[one.rival], f"{one.posterior[one.rival]:.2f}",
             f"{one.balance.sum():.1f}", f"{(one.balance > 0).sum()} of {len(one.balance)}"] for one in examples]
    return table(["painted", "change", "label", "posterior", "rival", "posterior", "margin, nats",
                  "tokens for the label"], rows)


def page(right: list[Example], wrong: list[Example], orders: int, tried: int, config: Config) -> str:
    """The page's Markdown."""
    return Template(PAGE.read_text(encoding="utf-8")).substitute(
        orders=orders, tried=tried, name=config.name, shown=len(wrong), right=listing(right, config),
        wrong=listing(wrong, config))


def main() -> None:
    """Paints, reads, and writes the page and its two sheets."""
    parser = argparse.ArgumentParser(description="Write the page of evidence maps.")
    add_config(parser)
    parser.add_argument("--package", required=True)
    parser.add_argument("--orders", type=int, default=16)
    parser.add_argument("--examples", type=int, default=6, help="examples of each kind")
    parser.add_argument("--tried", type=int, default=36, help="images to paint")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", default="../docs/evidence-maps.md", help="the page; its sheets go to images beside it")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    config, package, out = config_of(arguments), Path(arguments.package), Path(arguments.out)
    reader = Reader(config, package, arguments.orders)
    painted = paint(config, package, reader, arguments.tried, arguments.seed)
    right = choose(clean(reader, *painted), True, arguments.examples)
    wrong = choose(spoiled(reader, *painted), False, arguments.examples)
    if not right or not wrong:
        parser.error("no example was read right, or none wrong: paint more of them (--tried)")
    for name, examples in (("right", right), ("wrong", wrong)):
        draw(out.parent / "images" / f"evidence-{name}.svg", examples, config)
    out.write_text(page(right, wrong, arguments.orders, arguments.tried, config), encoding="utf-8")


if __name__ == "__main__":
    main()
