from pathlib import Path

import pytest
import torch

from baselines.classifier import NETWORKS, Classifier, load_classifier, operations, parameters, predict
from ordo_training.config import Config


def pixels_of(config: Config, count: int = 5) -> torch.Tensor:
    return torch.randint(0, 256, (count, 3, config.image.height, config.image.width), dtype=torch.uint8)


def classifier_of(kind: str, config: Config) -> Classifier:
    torch.manual_seed(0)
    return Classifier(kind, config).eval()


@pytest.mark.parametrize("kind", NETWORKS)
def test_posteriors_sum_to_one_and_do_not_depend_on_the_batch_or_the_type_of_the_pixels(kind: str, config: Config):
    classifier, pixels = classifier_of(kind, config), pixels_of(config)
    posterior = predict(classifier, pixels)
    assert posterior.shape == (5, len(config.classes))
    assert torch.allclose(posterior.exp().sum(1), torch.ones(5), atol=1e-5)
    assert torch.allclose(predict(classifier, pixels.float(), batch=2), posterior, atol=1e-5)


@pytest.mark.parametrize("kind", NETWORKS)
def test_a_checkpoint_of_any_kind_is_read_back_with_its_averaged_weights(kind: str, config: Config, tmp_path: Path):
    classifier, pixels = classifier_of(kind, config), pixels_of(config)
    torch.save({"kind": kind, "average": classifier.state_dict()}, tmp_path / "classifier.pt")
    loaded = load_classifier(tmp_path / "classifier.pt", config)
    assert not loaded.training
    assert torch.equal(predict(loaded, pixels), predict(classifier, pixels))


def test_operations_of_a_transformer_are_those_of_its_matrix_products(config: Config):
    width, positions, blocks = config.model.width, config.positions, config.model.blocks
    layers = 12 * width**2 * positions + 2 * positions**2 * width
    ends = 48 * width * positions + width * len(config.classes)
    assert operations(classifier_of("vit", config), config) == 2 * (blocks * layers + ends)


def test_a_probe_counts_the_weights_of_its_encoder(config: Config):
    assert parameters(classifier_of("probe", config)) == parameters(classifier_of("vit", config))
