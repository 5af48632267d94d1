import json
from pathlib import Path

import numpy as np
import pytest

from baselines.curve import (
    Point,
    calibrated_point,
    curve,
    default_order_plans,
    front,
    parse_order_plan,
    play_orders,
    thinned,
)
from baselines.curve import ratios as ratios_of
from ordo_training.config import Config
from ordo_training.flops import encoder_flops, row_flops


def point(flops: float, accuracy: float, method: str = "some") -> Point:
    return Point(method, "", 1, flops, accuracy, [0, 1])


def test_the_front_leaves_out_what_another_reaches_for_less():
    points = [point(5, 0.9), point(1, 0.5), point(2, 0.4), point(3, 0.8), point(3, 0.7), point(9, 0.9)]
    assert [(one.flops, one.accuracy) for one in front(points)] == [(1, 0.5), (3, 0.8), (5, 0.9)]


def test_the_ratio_is_that_to_the_cheapest_point_at_least_as_accurate():
    theirs, ours = [point(100, 0.8), point(900, 0.97)], [point(4, 0.7), point(10, 0.85), point(20, 0.95)]
    first, second = ratios_of(theirs, ours)
    assert first["ratio"] == 10 and first["atLeastAsAccurate"]["accuracy"] == 0.85
    assert second["ratio"] is None and second["atLeastAsAccurate"] is None


def test_a_stage_reads_the_classes_still_standing_at_its_own_prefix():
    # Class 2 leads at prefix 8 and class 1 at prefix 16; class 0, best at prefix 16, falls at prefix 8.
    evidence = np.array([[[-5.0, -2.0, -1.0], [-1.0, -2.0, -3.0]]] * 2)
    assert play_orders(parse_order_plan("16x1:1"), evidence, [8, 16]) == (0, {8: 0, 16: 3})
    assert play_orders(parse_order_plan("8x1:2,16x2:1"), evidence, [8, 16]) == (1, {8: 3, 16: 4})
    with pytest.raises(ValueError, match="recorded"):
        play_orders(parse_order_plan("16x3:1"), evidence, [8, 16])


def test_plans_of_all_classes_double_their_orders(config: Config):
    assert default_order_plans(config, 5) == ["8x1:1", "8x2:1", "8x4:1", "16x1:1", "16x2:1", "16x4:1"]


def records() -> tuple[dict, dict]:
    """Four images of eight classes: errors that are right for three of them, evidence that is for all."""
    labels, tracks = np.arange(4), np.array(["a", "a", "b", "b"])
    errors = np.ones((4, 3, 8, 2), np.float32)
    errors[np.arange(4), :, [0, 1, 2, 7]] = 0.5
    nats = np.full((4, 2, 2, 8), -9.0)
    nats[np.arange(4), :, :, labels] = -1
    nats[:, -1] = 0  # raster, which no plan reads
    return ({"errors": errors, "labels": labels, "tracks": tracks, "flops": 1000, "weights": 5, "steps": 6,
             "trained_seconds": 60.0, "seconds": 30.0},
            {"evidence": nats, "labels": labels, "tracks": tracks, "model": np.array("a digest")})


def test_the_curve_counts_operations_of_what_was_read(config: Config):
    record, evidence = records()
    found = curve(config, record, evidence, ["3:1", "1:2,3:1"], ["8x1:1"], [])
    fixed, staged, *_, ours = found["points"]
    assert (fixed["accuracy"], fixed["flops"], staged["flops"]) == (0.75, 24 * 1000, (8 + 2 * 2) * 1000)
    assert ours["accuracy"] == 1 and ours["flops"] == encoder_flops(config) + 8 * row_flops(config, 8)
    assert [one["ratio"] for one in found["atEqualAccuracy"]] == [12000 / ours["flops"]]
    assert found["denoiser"]["trainingCpuMinutes"] == 1
    assert json.loads(json.dumps(found))["model"] == "a digest"


def test_a_thinned_record_keeps_what_is_of_all_its_images():
    found = thinned(records()[1], 2)
    assert found["labels"].tolist() == [0, 2] and str(found["model"]) == "a digest"


def test_records_of_other_images_are_not_compared(config: Config):
    record, evidence = records()
    with pytest.raises(ValueError, match="same images"):
        curve(config, record, {**evidence, "labels": evidence["labels"][::-1]}, ["3:1"], ["8x1:1"], [])


def test_a_calibrated_plan_costs_its_row_equivalents(config: Config, tmp_path: Path):
    staged = {"accuracy": {"mean": 0.9, "interval": [0.8, 1.0]}, "rows": 20, "rowEquivalents": 7.5}
    path = tmp_path / "calibrated.json"
    path.write_text(json.dumps({"plan": {"kind": "staged"}, "validated": {"images": 4, "staged": staged}}))
    found = calibrated_point(config, path, 4)
    assert found.flops == encoder_flops(config) + 7.5 * row_flops(config, config.positions)
    assert (found.accuracy, found.evaluations) == (0.9, 20)
    with pytest.raises(ValueError, match="not 5"):
        calibrated_point(config, path, 5)
