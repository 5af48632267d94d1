import json
from pathlib import Path

import pytest

from ordo_training.config import Config
from ordo_training.report import report
from ordo_training.sources import Sources

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
    return {"images": 99, "tracks": 33, "flops": {"encoder": 10**6, "row": {"16": 10**6}}, "points": [a_point],
            "denoiser": {"weights": 2_500_000, "steps": 100, "trainingCpuMinutes": 180.4},
            "atEqualAccuracy": [{"accuracy": 0.5, "flops": 2e9, "ratio": 40.2,
                                 "atLeastAsAccurate": {**a_point, "method": "any-order model"}}]}


def variant(right: str, raster: str, **more) -> dict:
    gain = {"gain": 0.25, "interval": [0.125, 0.375]}
    return {"changes": ["model.class_from=3"], "tokenizer": {"psnr": 20.0, "bits": 5.5, "cpuMinutes": 40.0},
            "cpuMinutes": 60.0, "steps": 2000, "classes": 8, "images": len(right), "tracks": 4,
            "trackOfImage": "0 0 1 2 3", "operations": {"shared": 3 * 10**9, "each": 10**9},
            "prefixes": {"16": {"1": FIGURES, "8": FIGURES, "raster": FIGURES, "gainOverOne": gain,
                                "gainOverRaster": gain, "rightByImage": {"random": right, "raster": raster}}},
            "natsPerToken": {"random": 1.5, "raster": 1.25}, **more}


def guided(guide: str) -> list[str]:
    return [f'tokenizer_training.guided_by="{guide}"']


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
    for title in ("Accuracy by computing", "Corrupted images", "Unknown images", "Where the class enters",
                  "Another set of images"):
        assert f"## {title}" not in page
        assert title in section(page, "Not measured yet")
    assert "convolutional network" not in section(page, "Baselines")
    drawn = {path.name for path in sources.images.iterdir()}
    assert drawn == {"accuracy-by-orders.svg", "accuracy-by-prefix.svg", "any-order-against-raster.svg"}


def test_every_section_ends_with_the_commands_that_made_its_figures(sources: Sources):
    put(sources, "curve", {**curve(), "command": "python -m baselines.curve"})
    put(sources, "cnn", {**FIGURES, "images": 99, "parameters": 1, "flopsPerImage": 1, "command": "measure it",
                         "training": [{"cpuMinutes": 12.0, "steps": 5, "command": "train it"}]})
    page = report(sources)
    assert section(page, "Accuracy by computing").endswith("```sh\npython -m baselines.curve\n```\n")
    assert "```sh\ntrain it\nmeasure it\n```" in section(page, "Baselines")


def test_figures_of_result_files_are_in_their_sections(sources: Sources):
    put(sources, "robustness-a", robust("first"))
    put(sources, "robustness-b", robust("second"))
    put(sources, "unknowns-photos", unknown())
    put(sources, "curve", curve())
    put(sources, "cnn", {**FIGURES, "images": 4500, "note": "Trained elsewhere.", "parameters": 630_000,
                         "flopsPerImage": 30_000_000, "training": [{"cpuMinutes": 12.0, "steps": 900},
                                                                {"cpuMinutes": 8.0, "steps": 600}]})
    page = report(sources)
    assert "| fog | 31.2 (40.0-60.0) | 31.2 (40.0-60.0) |" in section(page, "Corrupted images")
    assert "0.625 (0.800-0.900)" in section(page, "Unknown images")
    assert "labels carry figures of the same names over what their plan read" in section(page, "Unknown images")
    assert "| convolutional network | 4,500 | 50.0 (40.0-60.0) | 1.250 | 0.125 | 0.63 | 0.030 | 20 | 1,500 |" in page
    assert "Trained elsewhere." in section(page, "Baselines")
    assert "| diffusion classifier | `5:1` | 40 | 2.00 | 50.0 (40.0-60.0) |" in page
    assert "50.0 %, takes 2.0 GFLOP; the any-order model's cheapest, 50.0 (40.0-60.0) %, takes 40 times fewer." in page
    assert "2.50 million weights and was trained for 180 CPU minutes (100 steps)" in page
    assert all((sources.images / f"{name}.svg").exists() for name in ("robustness-by-severity", "accuracy-by-flops"))


def test_a_comparison_that_the_any_order_model_loses_is_said(sources: Sources):
    lost = {**curve()["atEqualAccuracy"][0], "atLeastAsAccurate": None, "ratio": None}
    put(sources, "curve", {**curve(), "atEqualAccuracy": [lost]})
    assert "no reading of the any-order model that was measured is as accurate" in report(sources)


def test_the_comparison_by_computing_says_what_tokens_without_classes_reach(sources: Sources):
    put(sources, "curve", curve())
    put(sources, "variant-tokens-tracks-0", variant("11110", "00000", changes=guided("tracks")))
    reached = "in 50.0 (40.0-60.0) % of 5 frames where tracks guided them, after 100 CPU minutes."
    assert f"8 orders are right {reached}" in report(sources)
    better = variant("11110", "00000", changes=guided("nothing"))
    better["prefixes"]["16"]["8"] = {**FIGURES, "accuracy": 0.75, "interval": [0.625, 0.875]}
    put(sources, "variant-tokens-nothing", better)
    page, first = report(sources), "in 75.0 (62.5-87.5) % of 5 frames where nothing guided them, after 100 CPU minutes"
    assert f"8 orders are right {first}, and {reached}" in page
    assert aim(page, "as accurate as it (50.0 %) on tokens that no class has shaped, guided by nothing").endswith(
        "| 75.0 (62.5-87.5) % | yes |")


def test_what_ordo_labels_under_the_shipped_plan_is_said_and_is_of_this_model(sources: Sources):
    model = json.loads((PACKAGE / "results.json").read_text())["model"]
    found = {**FIGURES, "model": model, "plan": "own.yaml", "images": 4500, "rowsMean": 2.5, "command": "label them"}
    put(sources, "under-plan", found)
    said = section(report(sources), "Number of orders")
    assert "(`own.yaml`) Ordo labels 50.0 (40.0-60.0) % of 4,500 frames" in said and "label them" in said
    assert "| any-order model, shipped plan | 4,500 | 50.0" in section(report(sources), "Baselines")
    put(sources, "under-plan", {**found, "model": "another"})
    with pytest.raises(ValueError, match="another model"):
        report(sources)


def test_a_curve_of_another_model_is_refused(sources: Sources):
    put(sources, "curve", {**curve(), "model": "another"})
    with pytest.raises(ValueError, match="another model"):
        report(sources)


def corrupted(name: str, right: str) -> dict:
    return {**robust(name), "pixels": "ab", "seed": 0, "trackOfImage": "0 0 1 2",
            "rightByImage": {"clean 0": "1111", "fog 1": right, "fog 5": right}}


def test_classifiers_are_compared_on_corrupted_images_one_by_one(sources: Sources):
    put(sources, "robustness-any-order-plan", corrupted("ours", "1111"))
    put(sources, "robustness-mae-finetune", corrupted("theirs", "0011"))
    page = report(sources)
    assert "| ours | theirs | +50.0 (" in section(page, "Corrupted images")
    assert "| corrupted frames: ahead of the masked autoencoder, fine-tuned | +50.0 (" in section(page, "Aims")


def test_classifiers_that_read_other_images_are_not_compared_one_by_one(sources: Sources):
    put(sources, "robustness-any-order-plan", corrupted("ours", "1111"))
    put(sources, "robustness-mae-finetune", {**corrupted("theirs", "0011"), "pixels": "cd"})
    page = report(sources)
    assert "| ours | theirs | +" not in page and "corrupted frames: ahead" not in page


def aim(page: str, name: str) -> str:
    """The row of an aim."""
    return next(line for line in section(page, "Aims").splitlines() if line.startswith(f"| {name}"))


def test_an_aim_is_met_where_its_interval_is_and_missed_where_its_figure_is(sources: Sources):
    put(sources, "curve", curve())
    put(sources, "variant-tokens-tracks-0", variant("11110", "00000", changes=guided("tracks")))
    put(sources, "unknowns-photos", unknown())
    page = report(sources)
    assert aim(page, "as accurate as the diffusion classifier").endswith("| 40 times fewer | yes |")
    assert aim(page, "as accurate as it (50.0 %)").endswith("| 50.0 (40.0-60.0) % | in the mean alone |")
    assert aim(page, "photos: told as well").endswith(" against 0.625 | yes |")
    lost = {**curve()["atEqualAccuracy"][0], "atLeastAsAccurate": None, "ratio": None}
    put(sources, "curve", {**curve(), "atEqualAccuracy": [lost]})
    assert aim(report(sources), "as accurate as the diffusion classifier").endswith("| never as accurate | no |")


def on_clean_frames(right: str, **more) -> dict:
    return {**FIGURES, "images": 4, "table": "ab", "trackOfImage": "0 1 2 3", "rightByImage": right, **more}


def test_clean_frames_are_compared_with_the_self_supervised_network_one_by_one(sources: Sources):
    model = json.loads((PACKAGE / "results.json").read_text())["model"]
    put(sources, "under-plan", on_clean_frames("1110", model=model, plan="own.yaml", rowsMean=2.0))
    for right, found in (("0000", "| +75.0 (+25.0 to +100.0) points | yes |"), ("1111", "points | no |"),
                         ("1101", "| +0.0 (-75.0 to +75.0) points | in the mean alone |")):
        put(sources, "mae-finetune", on_clean_frames(right, parameters=1, flopsPerImage=1, training=[]))
        assert aim(report(sources), "clean frames").endswith(found)
    put(sources, "mae-finetune", on_clean_frames("0000", table="cd", parameters=1, flopsPerImage=1, training=[]))
    assert "clean frames" not in report(sources)


def test_networks_with_smoothed_labels_stand_beside_the_plan_at_a_temperature_too(sources: Sources):
    plain = on_clean_frames("0000", parameters=1, flopsPerImage=1, training=[])
    put(sources, "cnn", plain)
    assert "At a temperature each" not in section(report(sources), "Baselines")
    plain["training"] = [{"cpuMinutes": 1.0, "steps": 5, "plan": {"smoothing": 0.05}}]
    put(sources, "cnn", {**plain, "tempered": {"temperature": 0.58, "nll": 0.0046, "ece": 0.00125}})
    found = section(report(sources), "Baselines")
    assert "At a temperature each" in found and "| convolutional network | 0.05 | 0.58 | 0.0046 | 0.0013 |" in found


def test_a_plan_that_was_chosen_on_corrupted_frames_is_not_passed_over(sources: Sources):
    put(sources, "robustness-a", robust("first"))
    assert "temperature" not in section(report(sources), "Corrupted images")
    put(sources, "robustness-b", {**robust("second"), "plan": "own.yaml"})
    assert "No other row has a temperature" in section(report(sources), "Corrupted images")


def test_models_of_raster_order_are_compared_image_by_image_over_all_seeds(sources: Sources):
    for seed, raster in enumerate(("11000", "11100")):
        put(sources, f"variant-any-order-{seed}", variant("11110", "00000"))
        put(sources, f"variant-raster-{seed}", variant("00000", raster, steps=2100))
    found = section(report(sources), "Trained in raster order")
    assert "| 16 | +0.0 | +30.0 (" in found
    assert "| 0 | 1.500 | 1.250 | 1.250 |" in found and "| 0 | 60 | 2,000 / 2,100 | 16 |" in found


def test_seeds_of_one_kind_alone_are_not_compared(sources: Sources):
    put(sources, "variant-any-order-0", variant("11110", "00000"))
    assert "Trained in raster order" in section(report(sources), "Not measured yet")


def test_what_is_shared_by_all_classes_is_paid_once_an_order(sources: Sources):
    put(sources, "variant-class-from-3", variant("11110", "00000", note="In another way."))
    found = section(report(sources), "Where the class enters")
    assert "| 1.500 | 88.0 | 8024.0 |" in found
    assert "\n\nIn another way.\n\n" in found


def test_the_time_of_training_is_not_named_among_the_settings(sources: Sources):
    put(sources, "variant-class-from-0", variant("11110", "00000", changes=["model_training.minutes=30"]))
    assert "| model.class_from=0 | 60 | 2,000 |" in section(report(sources), "Where the class enters")


def test_tokens_are_compared_by_what_guided_them(sources: Sources):
    put(sources, "variant-tokens-tracks", variant("11110", "00000", changes=["tokenizer_training.guided_by=tracks"]))
    known = variant("11110", "00000", tokenizer={"psnr": 20.0, "bits": 5.5, "cpuMinutes": None})
    put(sources, "variant-tokens-classes", known)
    found = section(report(sources), "What guides the tokens")
    assert "| the package + 60 | 2,000 |" in found
    assert "| tokenizer_training.guided_by=tracks | 20.0 | 5.50 | 40 + 60 | 2,000 |" in found
    assert "+25.0 (+12.5 to +37.5) | 88.0 |" in found


def test_a_setting_that_was_tried_stands_beside_the_configured_one(sources: Sources):
    put(sources, "variant-trial-class", variant("11110", "00000", changes=["model_training.hybrid=0.1"]))
    assert "Other settings" in section(report(sources), "Not measured yet")
    put(sources, "variant-trial-configured", variant("11110", "00000", changes=["model_training.minutes=60"]))
    rows = [line for line in section(report(sources), "Other settings").splitlines() if "| 1.500 |" in line]
    assert [row.split(" | ")[0] for row in rows] == ["| as configured", "| model_training.hybrid=0.1"]


def test_the_page_and_its_plots_are_the_same_bytes_every_time(sources: Sources):
    put(sources, "robustness-a", robust("first"))
    first = report(sources), {path.name: path.read_bytes() for path in sources.images.iterdir()}
    assert first == (report(sources), {path.name: path.read_bytes() for path in sources.images.iterdir()})
    assert all(b"dc:date" not in data for data in first[1].values())
