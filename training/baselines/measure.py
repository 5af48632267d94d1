"""Measures the checkpoint of a classifier on a table of held-out images."""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from ordo_training.commands import command
from ordo_training.config import add_config, config_of
from ordo_training.data import load_images, read_table
from ordo_training.evaluate import by_image, summary
from ordo_training.images import ends_by_sentence

from .classifier import load_classifier, operations, parameters, predict


def results_of(log_posterior: np.ndarray, labels: np.ndarray, tracks: np.ndarray) -> dict:
    """How many images and tracks, accuracy with its interval over tracks, NLL in nats, calibration error."""
    return {"images": len(labels), "tracks": len(set(tracks)), **summary(log_posterior, labels, tracks)}


@ends_by_sentence
def main() -> None:
    """Writes the figures as JSON and, if asked, the log-posteriors that they came from."""
    parser = argparse.ArgumentParser(description="Evaluate a classifier.")
    add_config(parser)
    parser.add_argument("--images", required=True)
    parser.add_argument("--labels", required=True, help="a table of held-out images")
    parser.add_argument("--classifier", required=True, help="the checkpoint")
    parser.add_argument("--out", required=True, help="the .json file to write")
    parser.add_argument("--note", help="what a reader of the figures has to know")
    parser.add_argument("--posteriors", help="an .npz file to write the log-posteriors to")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    config, rows = config_of(arguments), read_table(arguments.labels)
    classifier, checkpoint = load_classifier(arguments.classifier, config), torch.load(arguments.classifier)
    pixels, labels = load_images(arguments.images, rows, config)
    tracks = np.array([row.track for row in rows])
    log_posterior = predict(classifier, torch.from_numpy(pixels).permute(0, 3, 1, 2)).double().numpy()
    if arguments.posteriors:
        np.savez_compressed(arguments.posteriors, log_posterior=log_posterior, labels=labels, tracks=tracks)
    results = {"kind": checkpoint["kind"], **results_of(log_posterior, labels, tracks),
               "parameters": parameters(classifier), "flopsPerImage": operations(classifier, config),
               "training": checkpoint["training"], "command": command(), **by_image(log_posterior, rows)}
    if arguments.note:
        results["note"] = arguments.note
    Path(arguments.out).write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
