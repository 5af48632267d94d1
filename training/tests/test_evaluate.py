from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ordo_training.config import Config
from ordo_training.evaluate import (
    STATISTICS,
    accuracy_gain,
    best_temperature,
    by_prefix,
    calibration_error,
    fused,
    gain_interval,
    interval,
    measured_before,
    order_counts,
    posterior,
    results_of,
    share_interval,
)


def test_the_temperature_undoes_what_overconfidence_did():
    random = np.random.default_rng(0)
    honest = posterior(random.normal(size=(20000, 1, 4)), STATISTICS[0])
    labels = np.array([random.choice(4, p=row) for row in np.exp(honest)])
    assert abs(np.log(best_temperature(3 * honest, labels)) - np.log(3)) < 0.06
    assert abs(np.log(best_temperature(honest, labels))) < 0.06


def test_the_statistics_agree_for_one_order_and_differ_for_two():
    evidence = np.array([[[-3.0, -4.0, -9.0], [-8.0, -3.0, -2.5]]])
    one = [posterior(evidence[:, :1], name) for name in STATISTICS]
    assert all(np.allclose(values, one[0]) for values in one)
    two = [posterior(evidence, name) for name in STATISTICS]
    assert not np.allclose(two[0], two[1]) and not np.allclose(two[1], two[2])
    assert all(np.isclose(np.exp(values).sum(), 1) for values in two)


def test_known_values():
    evidence = np.log(np.array([[[0.2, 0.4], [0.3, 0.1]]]))
    assert np.allclose(np.exp(posterior(evidence, "meanPosterior")), [[(1 / 3 + 3 / 4) / 2, (2 / 3 + 1 / 4) / 2]])
    assert np.allclose(np.exp(posterior(evidence, "logMeanExp")), [[0.5, 0.5]])
    root = np.sqrt([0.06, 0.04])
    assert np.allclose(np.exp(posterior(evidence, "meanLogLikelihood")), [root / root.sum()])


def test_the_interval_is_wider_when_tracks_are_few():
    values = np.tile([0.0, 1.0], 100)
    few, many = np.repeat(np.arange(10), 20), np.arange(200)
    values_by_track = np.repeat(np.arange(10) % 2, 20).astype(float)
    narrow, wide = interval(values, many), interval(values_by_track, few)
    assert wide[1] - wide[0] > 2 * (narrow[1] - narrow[0])


def test_calibration_error_of_sure_and_wrong_is_one():
    sure = np.log(np.array([[1 - 1e-9, 1e-9]] * 4))
    assert calibration_error(sure, np.array([0, 0, 0, 0])) < 1e-6
    assert calibration_error(sure, np.array([1, 1, 1, 1])) > 0.999


def test_the_interval_of_a_share_where_all_are_alike_is_not_empty():
    assert share_interval(np.ones(300), np.arange(300)) == [0.99, 1.0]
    assert share_interval(np.zeros(300), np.arange(300)) == [0.0, 0.01]
    assert share_interval(np.ones(2), np.arange(2)) == [0.0, 1.0]


def test_a_gain_that_is_the_same_everywhere_is_no_flawless_share():
    assert interval(np.full(4, -0.25), np.arange(4)) == [-0.25, -0.25]


def test_a_gain_of_nothing_anywhere_is_known_as_well_as_the_tracks_allow():
    tracks = np.repeat(np.arange(30), 3)
    assert gain_interval(np.zeros(90), tracks) == [-0.1, 0.1]
    assert gain_interval(np.eye(1, 90)[0], tracks)[1] > 0


def test_as_many_orders_are_reported_as_were_read():
    assert order_counts(8) == [1, 2, 4, 8]
    assert order_counts(12) == [1, 2, 4, 8, 12]


def test_kept_evidence_of_another_model_or_table_is_refused(tmp_path: Path):
    labels, tracks, path = np.array([0, 1]), np.array(["a", "b"]), tmp_path / "kept.npz"
    np.savez(path, evidence=np.ones(2), labels=labels, tracks=tracks, model="a digest")
    assert measured_before(path, "a digest", labels, tracks).tolist() == [1, 1]
    with pytest.raises(SystemExit, match="another model"):
        measured_before(path, "other", labels, tracks)
    with pytest.raises(SystemExit, match="another table"):
        measured_before(path, "a digest", labels[::-1], tracks)


def test_the_gain_of_averaging_counts_the_images_that_single_orders_miss():
    # Class 0 is right. The first image's two orders err by turns, but not together; the second's are both right.
    evidence = np.array([[[0.0, -9.0], [-2.0, -1.0]], [[0.0, -1.0], [0.0, -1.0]]])
    labels, tracks = np.array([0, 0]), np.array(["a", "b"])
    gain = accuracy_gain(evidence, evidence, labels, tracks)
    assert gain["gain"] == 0.25
    assert gain["interval"][0] <= 0.25 <= gain["interval"][1]


def test_frames_of_a_track_together_outvote_a_bad_one():
    log_posterior = np.log(np.array([[0.6, 0.4], [0.1, 0.9], [0.2, 0.8], [0.4, 0.6]]))
    found = fused(log_posterior, np.array([1, 1, 1, 0]), np.array(["a", "a", "a", "b"]))
    assert (found["tracks"], found["accuracy"]) == (2, 0.5)


def test_tracks_of_one_name_and_two_classes_are_two_objects():
    found = fused(np.log(np.array([[0.9, 0.1], [0.2, 0.8]])), np.array([0, 1]), np.array(["a", "a"]))
    assert (found["tracks"], found["accuracy"]) == (2, 1.0)


def test_every_class_that_was_seen_counts_the_same_in_the_mean_over_classes(config: Config):
    wrong, right = [-5.0, 0.0, -9.0], [0.0, -5.0, -9.0]
    evidence = np.array([[[right]], [[right]], [[right]], [[wrong]], [[right]]]).repeat(2, 1)
    few = replace(config, model=replace(config.model, prefixes=(16,)))
    found = results_of(evidence, np.array([0, 0, 0, 0, 1]), np.arange(5).astype(str), few)
    assert (found["classesSeen"], found["accuracyByClassMean"]) == (2, 0.375)
    assert found["random"]["1"]["meanLogLikelihood"]["accuracy"] == 0.6


def test_raster_is_the_last_order_and_no_part_of_the_average():
    drawn, raster = [[0.0, -1.0]], [[-5.0, 0.0]]
    figures = by_prefix(np.array([drawn + raster]), np.array([0]), np.array(["a"]), [1])
    assert figures["1"]["accuracy"] == 1 and figures["raster"]["accuracy"] == 0
    assert figures["gainOverRaster"]["gain"] == 1 and figures["gainOverOne"]["gain"] == 0
