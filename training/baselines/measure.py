"""Measures the checkpoint of a classifier on a table of held-out images."""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from ordo_training.commands import command
from ordo_training.config import add_config, config_of
from ordo_training.data import Row, load_images, read_table
from ordo_training.evaluate import best_temperature, by_image, log_softmax, summary
from ordo_training.images import ends_by_sentence

from .classifier import load_classifier, operations, parameters, predict


def results_of(log_posterior: np.ndarray, labels: np.ndarray, tracks: np.ndarray) -> dict:
    """How many images and tracks, accuracy with its interval over tracks, NLL in nats, calibration error."""
    return {"images": len(labels), "tracks": len(set(tracks)), **summary(log_posterior, labels, tracks)}


def tempered(log_posterior: np.ndarray, labels: np.ndarray, tracks: np.ndarray, temperature: float) -> dict:
    """What a temperature does to the figures of calibration."""
    found = summary(log_softmax(log_posterior / temperature), labels, tracks)
    return {"temperature": temperature, "nll": found["nll"], "ece": found["ece"]}


@ends_by_sentence
def main() -> None:
    """Writes the figures as JSON and, if asked, the log-posteriors that they came from."""
    parser = argparse.ArgumentParser(description="Evaluate a classifier.")
    add_config(parser)
    parser.add_argument("--images", required=True)
    parser.add_argument("--labels", required=True, help="a table of held-out images")
    parser.add_argument("--classifier", required=True, help="the checkpoint")
    parser.add_argument("--out", required=True, help="the .json file to write")
    parser.add_argument("--calibrate", help="a table of other images, to find a temperature on")
    parser.add_argument("--note", help="what a reader of the figures has to know")
    parser.add_argument("--posteriors", help="an .npz file to write the log-posteriors to")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    config, rows = config_of(arguments), read_table(arguments.labels)
    classifier, checkpoint = load_classifier(arguments.classifier, config), torch.load(arguments.classifier)
    tracks = np.array([row.track for row in rows])

    def read(part: list[Row]) -> tuple[np.ndarray, np.ndarray]:
        pixels, labels = load_images(arguments.images, part, config)
        return predict(classifier, torch.from_numpy(pixels).permute(0, 3, 1, 2)).double().numpy(), labels

    log_posterior, labels = read(rows)
    if arguments.posteriors:
        np.savez_compressed(arguments.posteriors, log_posterior=log_posterior, labels=labels, tracks=tracks)
    results = {"kind": checkpoint["kind"], **results_of(log_posterior, labels, tracks),
               "parameters": parameters(classifier), "flopsPerImage": operations(classifier, config),
               "training": checkpoint["training"], "command": command(), **by_image(log_posterior, rows)}
    if arguments.calibrate:
        temperature = best_temperature(*read(read_table(arguments.calibrate)))
        results["tempered"] = tempered(log_posterior, labels, tracks, temperature)
    if arguments.note:
        results["note"] = arguments.note
    Path(arguments.out).write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
