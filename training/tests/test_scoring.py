from pathlib import Path

import numpy as np
import pytest

from ordo_training.config import Config
from ordo_training.data import Row, write_table
from ordo_training.evaluate import measure
from ordo_training.images import ImageError
from ordo_training.scoring import Reading, Scorer, job_of, readers
from ordo_training.shapes import draw_table

PACKAGE = Path(__file__).parents[2] / "models" / "tiny"


@pytest.fixture(scope="session")
def scorer(config: Config) -> Scorer:
    return Scorer(config, PACKAGE)


def image(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (16, 16, 3), dtype=np.uint8)


def test_evidence_is_the_sum_of_the_tokens_that_a_prefix_reads(config: Config, scorer: Scorer):
    places = scorer.orders(bytes(32), 3)
    evidence = scorer.evidence(image(0), places, (4, 16))
    assert evidence.shape == (3, 2, len(config.classes))
    apart = scorer.token_likelihoods(scorer.tokens(image(0)), places[1])
    assert np.allclose(evidence[1, 0], apart[:, :4].sum(1)) and np.allclose(evidence[1, 1], apart.sum(1))


def test_workers_read_as_one_process_does(config: Config, scorer: Scorer):
    jobs = [job_of(image(seed)) for seed in range(3)]
    with readers(config, PACKAGE, Reading(2, (8,), raster=True), 1) as read:
        together = list(read(jobs))
    for (pixels, digest), evidence in zip(jobs, together, strict=True):
        orders = [*scorer.orders(digest, 2), list(range(config.positions))]
        assert (evidence == scorer.evidence(pixels, orders, (8,))).all()


def test_images_of_other_pixels_are_read_in_other_orders(scorer: Scorer):
    (_, first), (_, second) = job_of(image(0)), job_of(image(1))
    assert scorer.orders(first, 1) != scorer.orders(second, 1)


def test_evaluation_reads_files_in_drawn_orders_and_in_raster(config: Config, scorer: Scorer, tmp_path: Path):
    draw_table(tmp_path, "shapes", 2, 16, np.random.default_rng(0))
    rows = [Row(f"shapes/{i:05d}.png", i, str(i)) for i in range(2)]
    write_table(tmp_path / "shapes.csv", rows)
    evidence = measure(config, PACKAGE, tmp_path, rows, 2, 1)
    assert evidence.shape == (2, 3, len(config.model.prefixes), len(config.classes))
    raster, drawn = evidence[0, 2, 0], evidence[0, 0, 0]
    assert not np.allclose(raster, drawn)


def test_evaluation_ends_at_a_file_that_is_no_image_and_names_it(config: Config, tmp_path: Path):
    draw_table(tmp_path, "shapes", 3, 16, np.random.default_rng(0))
    broken = tmp_path / "shapes" / "00001.png"
    broken.write_bytes(broken.read_bytes()[:60])
    rows = [Row(f"shapes/{i:05d}.png", i, str(i)) for i in range(3)]
    with pytest.raises(ImageError, match=r"00001\.png"):
        measure(config, PACKAGE, tmp_path, rows, 1, 1)
