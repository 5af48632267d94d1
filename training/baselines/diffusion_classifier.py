"""Classifies images by the denoiser's errors, stage by stage, and keeps the errors so that plans can be replayed."""

import argparse
import multiprocessing
import os
import time
from pathlib import Path

import numpy as np
import torch

from ordo_training.config import Config, add_config, config_of
from ordo_training.data import Row, load_images, read_table
from ordo_training.images import ends_by_sentence

from .denoiser import Denoiser
from .denoising_errors import MEASURES, ImageErrors, live, recorded
from .diffusion import load_denoiser
from .flops import evaluation_flops
from .stages import Plan, parse_plan, plan_text, play

_worker: dict = {}


def _prepare(config: Config, arguments: argparse.Namespace, plans: list[Plan]) -> None:
    """What each process keeps between images."""
    torch.set_num_threads(1)
    _worker.update(config=config, arguments=arguments, plans=plans, model=load_denoiser(arguments.model, config))


def _record(row: Row) -> tuple[np.ndarray, float]:
    """All errors that the plans ask for by any measure, and the seconds of processor time."""
    began, arguments, model = time.process_time(), _worker["arguments"], _worker["model"]
    pixels = load_images(arguments.images, [row], _worker["config"])[0][0]
    source = ImageErrors(model, pixels, arguments.samples, arguments.seed)
    for plan in _worker["plans"]:
        for measure in MEASURES:
            play(plan, arguments.samples, model.category.num_embeddings, live(source, measure))
    return source.errors, time.process_time() - began


def write(path: Path, record: dict) -> None:
    """Writes a record whole or not at all."""
    with open(path.with_suffix(".partial"), "wb") as file:
        np.savez_compressed(file, **record)
    os.replace(path.with_suffix(".partial"), path)


def settings_of(config: Config, arguments: argparse.Namespace, plans: list[Plan]) -> dict:
    """What a record must have been made with to be gone on with."""
    checkpoint = torch.load(arguments.model)
    return {"plans": [plan_text(plan) for plan in plans], "samples": arguments.samples, "seed": arguments.seed,
            "flops": evaluation_flops(config), "weights": sum(w.numel() for w in Denoiser(config).parameters()),
            "steps": checkpoint["step"], "trained_seconds": checkpoint["seconds"]}


def begun(path: Path, settings: dict, rows: list[Row]) -> tuple[list[np.ndarray], float]:
    """Errors of the images done so far, and the seconds they took; ValueError for other settings or images."""
    if not path.exists():
        return [], 0.0
    record = np.load(path)
    if any(not np.array_equal(record[name], value) for name, value in settings.items()):
        raise ValueError(f"{path} was made with other settings")
    if record["paths"].tolist() != [row.path for row in rows[:len(record["paths"])]]:
        raise ValueError(f"{path} was made of other images")
    return list(record["errors"]), float(record["seconds"])


def replay(record: dict, plan: Plan, measure: str) -> tuple[np.ndarray, float]:
    """Which images a plan labels right, 0 or 1 each [images], and mean evaluations an image."""
    outcomes = [play(plan, *errors.shape[:2], recorded(errors, measure)) for errors in record["errors"]]
    right = np.array([outcome.label for outcome in outcomes]) == record["labels"]
    return right.astype(float), float(np.mean([outcome.evaluations for outcome in outcomes]))


def record_all(config: Config, arguments: argparse.Namespace, plans: list[Plan]) -> dict:
    """Records every image, in the order of the table, and writes what is done every ten images."""
    rows, out = read_table(arguments.labels)[::arguments.every], Path(arguments.out)
    labels, tracks, paths = (np.array([getattr(row, name) for row in rows]) for name in ("class_id", "track", "path"))
    settings = settings_of(config, arguments, plans)
    done, seconds = begun(out, settings, rows)
    record = {}
    context = multiprocessing.get_context("spawn")
    with context.Pool(arguments.workers, _prepare, (config, arguments, plans)) as pool:
        for errors, took in pool.imap(_record, rows[len(done):]):
            done.append(errors)
            seconds += took
            if len(done) % 10 == 0 or len(done) == len(rows):
                record = {**settings, "errors": np.stack(done), "labels": labels[:len(done)],
                          "tracks": tracks[:len(done)], "paths": paths[:len(done)], "seconds": seconds}
                write(out, record)
                right, evaluations = replay(record, plans[-1], MEASURES[0])
                print(f"{len(done)} of {len(rows)} images, {seconds / 60:.1f} CPU min, {plan_text(plans[-1])}: "
                      f"{right.mean():.3f} with {evaluations:.0f} evaluations", flush=True)
    return record or dict(np.load(out))


@ends_by_sentence
def main() -> None:
    """Writes an .npz of the errors, labels, tracks and settings, and prints each plan's accuracy by each measure."""
    parser = argparse.ArgumentParser(description="Record a diffusion classifier's errors on labelled images.")
    add_config(parser)
    parser.add_argument("--model", required=True, help="a checkpoint of baselines.diffusion")
    parser.add_argument("--images", required=True)
    parser.add_argument("--labels", required=True, help="a table of held-out images")
    parser.add_argument("--every", type=int, default=1, help="only every N-th row of it")
    parser.add_argument("--samples", type=int, required=True, help="evenly spaced samples that plans choose from")
    parser.add_argument("--plans", nargs="+", required=True, metavar="SAMPLES:CLASSES,...",
                        help="stages: samples so far and classes kept; 36:1 compares all classes at 36 samples")
    parser.add_argument("--out", required=True, help="the .npz file to write and to go on from")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args()
    plans = [parse_plan(text) for text in arguments.plans]
    record = record_all(config_of(arguments), arguments, plans)
    for plan in plans:
        for measure in MEASURES:
            right, evaluations = replay(record, plan, measure)
            print(f"{plan_text(plan)}, {measure}: {right.mean():.3f} with {evaluations:.0f} evaluations", flush=True)


if __name__ == "__main__":
    main()
