import json
from pathlib import Path

import pytest

from ordo_training.config import Config
from ordo_training.report import ABSENT, Sources, report

PACKAGE = Path(__file__).parents[2] / "models" / "tiny"
FIGURES = {"accuracy": 0.5, "interval": [0.4, 0.6], "nll": 1.25, "ece": 0.125}


def robust(name: str) -> dict:
    return {"name": name, "orders": 8, "prefix": 16, "frames": 100, "tracks": 90, "clean": FIGURES,
            "byCorruption": {"fog": {**FIGURES, "accuracy": 0.3125}}, "bySeverity": {"1": FIGURES, "5": FIGURES},
            "mean": FIGURES}


def unknown() -> dict:
    area = {"auroc": 0.875, "interval": [0.8, 0.9]}
    scores = dict.fromkeys(("negativeLogLikelihood", "disagreement", "together", "doubt"), area)
    return {"name": "photos", "images": 300, "orders": 8, "jpeg": 75, "package": {"16": scores},
            "baselines": {"network": {"doubt": {**area, "auroc": 0.625}}}}


def curve() -> dict:
    a_point = {"method": "diffusion classifier", "plan": "5:1", "evaluations": 40.0, "flops": 2e9, **FIGURES}
    return {"images": 99, "tracks": 33, "flops": {"encoder": 10**6, "row": {"16": 10**6}}, "points": [a_point]}


@pytest.fixture
def sources(config: Config, tmp_path: Path) -> Sources:
    (tmp_path / "results").mkdir()
    return Sources(config, PACKAGE, tmp_path / "results", tmp_path / "docs" / "images")


def put(sources: Sources, name: str, found: dict) -> None:
    (sources.results / f"{name}.json").write_text(json.dumps(found))


def section(page: str, title: str) -> str:
    return page.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def test_what_is_absent_is_said_to_be_and_nothing_is_drawn_for_it(sources: Sources):
    page = report(sources)
    for title in ("Accuracy by computing", "Corrupted images", "Unknown images"):
        assert section(page, title).strip() == ABSENT
    assert section(page, "Baselines").count("not measured") == 5
    drawn = {path.name for path in sources.images.iterdir()}
    assert drawn == {"accuracy-by-orders.svg", "accuracy-by-prefix.svg", "any-order-against-raster.svg"}


def test_figures_of_result_files_are_in_their_sections(sources: Sources):
    put(sources, "robustness-a", robust("first"))
    put(sources, "robustness-b", robust("second"))
    put(sources, "unknowns-photos", unknown())
    put(sources, "curve", curve())
    put(sources, "cnn", {**FIGURES, "parameters": 630_000, "flopsPerImage": 30_000_000,
                         "training": [{"cpuMinutes": 12.0}, {"cpuMinutes": 8.0}]})
    page = report(sources)
    assert "| fog | 31.2 (40.0-60.0) | 31.2 (40.0-60.0) |" in section(page, "Corrupted images")
    assert "0.625 (0.800-0.900)" in section(page, "Unknown images")
    assert "| convolutional network | 50.0 (40.0-60.0) | 1.250 | 0.125 | 0.63 | 0.030 | 20 |" in page
    assert "| diffusion classifier | `5:1` | 40 | 2.00 | 50.0 (40.0-60.0) |" in page
    assert all((sources.images / f"{name}.svg").exists() for name in ("robustness-by-severity", "accuracy-by-flops"))


def test_the_page_and_its_plots_are_the_same_bytes_every_time(sources: Sources):
    put(sources, "robustness-a", robust("first"))
    first = report(sources), {path.name: path.read_bytes() for path in sources.images.iterdir()}
    assert first == (report(sources), {path.name: path.read_bytes() for path in sources.images.iterdir()})
    assert all(b"dc:date" not in data for data in first[1].values())
