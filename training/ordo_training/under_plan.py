"""What Ordo labels the images of a table under a pipeline's own plan: accuracy, calibration, rows read."""

import argparse
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np

from .commands import command
from .config import Config, add_config, config_of
from .data import Row, read_table
from .evaluate import by_image, summary
from .export import package_digest
from .images import ends_by_sentence
from .pipeline_labels import labels_of, log_posterior, pipeline_files


def labels_of_table(pipeline: Path, images: Path, rows: list[Row]) -> list[dict]:
    """The label of every image of a table, in its order; the files are read as they are. Raises as labels_of."""
    with tempfile.TemporaryDirectory() as folder:
        for index, row in enumerate(rows):
            shutil.copyfile(images / row.path, Path(folder) / f"{index:06d}{Path(row.path).suffix}")
        return labels_of(pipeline, folder)


def figures_of(labels: list[dict], rows: list[Row], config: Config) -> dict:
    """Accuracy with its interval over tracks, NLL in nats, ECE, and how many rows an image took on average."""
    log_posteriors = np.stack([log_posterior(label, len(config.classes)) for label in labels])
    tracks, classes = np.array([row.track for row in rows]), np.array([row.class_id for row in rows])
    return {"images": len(rows), "tracks": len(set(tracks)),
            "rowsMean": float(np.mean([label["rows"] for label in labels])),
            **summary(log_posteriors, classes, tracks), **by_image(log_posteriors, rows)}


@ends_by_sentence
def main() -> None:
    """Writes the figures."""
    parser = argparse.ArgumentParser(description="Measure the labels of Ordo under a pipeline's plan.")
    add_config(parser)
    parser.add_argument("--pipeline", required=True)
    parser.add_argument("--images", required=True)
    parser.add_argument("--labels", required=True, help="a table of held-out images")
    parser.add_argument("--out", required=True, help="the JSON file to write")
    arguments = parser.parse_args()
    config, rows, pipeline = config_of(arguments), read_table(arguments.labels), Path(arguments.pipeline)
    package = next(path for path in pipeline_files(pipeline) if path.name == "model.json").parent
    results = {"command": command(), "model": package_digest(package).hex(), "plan": pipeline.name,
               **figures_of(labels_of_table(pipeline, Path(arguments.images), rows), rows, config)}
    Path(arguments.out).write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
