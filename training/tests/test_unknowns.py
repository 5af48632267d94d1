from pathlib import Path

import numpy as np
from PIL import Image

from ordo_training.config import Config
from ordo_training.corruptions import as_jpeg
from ordo_training.data import Row
from ordo_training.unknowns import (
    SETS,
    Images,
    auroc,
    load_set,
    log_prior,
    package_figures,
    rank_among,
    scores_of,
)

EVEN = np.log(np.full(2, 0.5))


def test_the_prior_is_the_share_of_the_table_and_a_class_without_images_is_out():
    prior = np.exp(log_prior([Row("a", 0, "a"), Row("b", 0, "b"), Row("c", 2, "c")], 3))
    assert np.allclose(prior, [2 / 3, 0, 1 / 3])
    evidence = np.array([[[-1.0, 50.0, -1.0]]])
    with np.errstate(divide="ignore"):
        assert np.allclose(scores_of(evidence, np.log(prior), 4)["negativeLogLikelihood"], 1 / 4)


def test_likelihood_sums_over_classes_and_is_told_a_token():
    evidence = np.log(np.array([[[0.2, 0.4], [0.1, 0.1]]]))
    assert np.allclose(scores_of(evidence, EVEN, 2)["negativeLogLikelihood"], -(np.log(0.3) + np.log(0.1)) / 2 / 2)


def test_orders_disagree_where_they_are_sure_of_different_labels_not_where_all_doubt():
    split, doubtful = np.array([[[0.0, -40.0], [-40.0, 0.0]]]), np.array([[[-3.0, -3.0], [-3.0, -3.0]]])
    assert np.allclose(scores_of(split, EVEN, 1)["disagreement"], np.log(2))
    assert np.allclose(scores_of(doubtful, EVEN, 1)["disagreement"], 0)
    assert scores_of(doubtful, EVEN, 1)["doubt"] > scores_of(split[:, :1], EVEN, 1)["doubt"]


def test_ranks_count_equal_values_half():
    assert rank_among(np.array([1.0, 2.0, 2.0, 3.0]), np.array([0.0, 2.0, 9.0])).tolist() == [0, 0.5, 1]


def test_auroc_of_known_values():
    known, unknown, tracks = np.array([0.0, 1.0, 2.0]), np.array([1.0, 3.0]), np.arange(3)
    figures = auroc(known, unknown, tracks, np.arange(2))
    assert figures["auroc"] == (1.5 + 3) / 6
    assert figures["interval"][0] <= figures["auroc"] <= figures["interval"][1]
    assert auroc(known, known + 9, tracks, tracks)["interval"] == [1.0, 1.0]


def test_the_interval_is_wider_when_tracks_are_few():
    random = np.random.default_rng(0)
    by_track = np.repeat(random.normal(size=10), 20)
    unknown, own = random.normal(1, 1, 200), np.arange(200)
    few = auroc(by_track, unknown, np.repeat(np.arange(10), 20), own)["interval"]
    many = auroc(by_track, unknown, own, own)["interval"]
    assert few[1] - few[0] > 2 * (many[1] - many[0])


def test_images_of_low_likelihood_are_told_apart_and_the_prefix_says_how_well():
    random = np.random.default_rng(0)
    sets = {name: Images(np.zeros((40, 1, 1, 3), np.uint8), np.arange(40)) for name in SETS}
    evidence = {name: random.normal(-9, 1, (40, 4, 2, 2)) for name in SETS}
    evidence["unknown"][:, :, 1] -= 20
    figures = package_figures(evidence, sets, EVEN, (1, 2))
    assert figures["2"]["negativeLogLikelihood"]["auroc"] == 1 and figures["2"]["together"]["auroc"] > 0.75
    assert 0.3 < figures["1"]["negativeLogLikelihood"]["auroc"] < 0.7


def test_a_folder_is_read_evenly_and_stored_as_jpeg_where_asked(config: Config, tmp_path: Path):
    random = np.random.default_rng(0)
    for i in range(6):
        Image.fromarray(random.integers(0, 256, (16, 16, 3), dtype=np.uint8)).save(tmp_path / f"{i}.png")
    plain = load_set(str(tmp_path), None, 3, None, config)
    assert plain.pixels.shape == (3, 16, 16, 3) and list(plain.tracks) == ["0.png", "2.png", "5.png"]
    stored = load_set(str(tmp_path), None, 3, 75, config)
    assert (stored.pixels[1] == as_jpeg(plain.pixels[1], 75)).all() and (stored.pixels != plain.pixels).any()
