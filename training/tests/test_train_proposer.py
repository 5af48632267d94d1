from dataclasses import replace

import numpy as np
import pytest
import torch

from ordo_training.config import Config
from ordo_training.proposer import Proposer
from ordo_training.train_proposer import batches, harder, recalls, train, worst_recall


def test_gives_log_posteriors_that_sum_to_one(config: Config):
    scores = Proposer(config).eval()(torch.zeros(3, config.positions, dtype=torch.int32))
    assert scores.shape == (3, len(config.classes))
    assert torch.allclose(scores.exp().sum(1), torch.ones(3), atol=1e-5)


def test_learns_classes_that_the_tokens_tell(config: Config):
    torch.manual_seed(0)
    labels = torch.arange(512) % len(config.classes)
    tokens = labels[:, None].expand(-1, config.positions).int().contiguous()
    proposer = train(config, (tokens, labels), 40)
    found = recalls(proposer(tokens).detach().numpy(), labels.numpy())
    assert found["1"] > 0.95


def test_tokens_that_say_nothing_leave_rare_classes_as_probable_as_frequent_ones(config: Config):
    torch.manual_seed(0)
    two = replace(config, classes=config.classes[:2])
    labels = (torch.arange(4000) % 100 == 0).long()
    tokens = torch.randint(0, config.codes, (4000, config.positions), dtype=torch.int32)
    scores = train(two, (tokens, labels), 3)(tokens[:500]).mean(0)
    assert (scores - np.log(0.5)).abs().max() < 0.4


def test_every_image_is_in_one_batch_of_each_epoch():
    data = torch.arange(10)[:, None], torch.arange(10)
    seen = [label for (_, labels), _ in batches(data, 4, 2) for label in labels.tolist()]
    assert sorted(seen) == sorted([*range(10), *range(10)])


def test_harder_changes_blur_and_hide_more(config: Config):
    changed = harder(config.augmentation)
    assert changed.blur >= config.augmentation.blur and changed.erase >= config.augmentation.erase


def test_recall_counts_images_whose_class_is_among_the_best():
    scores = np.array([[0.0, -1, -2], [-2, -1, 0]])
    assert recalls(scores, np.array([1, 1]))["1"] == 0
    assert recalls(scores, np.array([1, 1]))["2"] == 1
    assert recalls(scores, np.array([0, 1]))["1"] == pytest.approx(0.5)


def test_the_recall_of_the_worst_class_is_not_that_of_the_frequent_ones():
    scores = np.array([[0.0, -1], [0, -1], [0, -1], [0, -1]])
    labels = np.array([0, 0, 0, 1])
    assert recalls(scores, labels)["1"] == 0.75
    assert worst_recall(scores, labels)["1"] == 0 and worst_recall(scores, labels)["2"] == 1
