"""Where the figures of the report lie, and where its plots go."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .config import Config
from .plots import Point, plot_accuracy

SCORES = {"negativeLogLikelihood": "log p(x)", "disagreement": "disagreement of the orders",
          "together": "both", "doubt": "largest posterior"}


@dataclass(frozen=True)
class Sources:
    """Where figures lie, and where plots go."""

    config: Config
    package: Path
    results: Path
    images: Path

    def measured(self) -> dict | None:
        """The evaluation of the package."""
        return _read(self.package / "results.json")

    def result(self, name: str) -> dict | None:
        """A result file, by its name without .json."""
        return _read(self.results / f"{name}.json")

    def results_like(self, prefix: str) -> list[dict]:
        """Every result file whose name starts so, sorted by name."""
        return [_read(path) for path in sorted(self.results.glob(f"{prefix}*.json"))]

    def plot(self, name: str, text: str, lines: dict[str, list[Point]], across: str, **options) -> str:
        """Draws accuracies into NAME.svg and returns the line of Markdown that shows them."""
        plot_accuracy(self.images / f"{name}.svg", lines, across, **options)
        return f"![{text}]({self.images.name}/{name}.svg)"


def commands(found: Iterable[dict | None]) -> str:
    """The commands that made results, those of their trainings first, each once."""
    made = [one for one in found if one]
    lines = [stage.get("command") for one in made for stage in one.get("training", [])]
    lines += [one.get("command") for one in made]
    return "\n".join(["```sh", *dict.fromkeys(line for line in lines if line), "```"])


def notes(found: Iterable[dict | None]) -> list[str]:
    """What is to be said of results besides their figures, each once."""
    return list(dict.fromkeys(one["note"] for one in found if one and "note" in one))


def _read(path: Path) -> dict | None:
    """A JSON file, or None where there is none."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
