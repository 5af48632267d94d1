from dataclasses import replace

import torch

from ordo_training.config import Config
from ordo_training.guides import contrast, guide_loss, outputs_of, pairs, share_right


def guided_by(config: Config, kind: str) -> Config:
    return replace(config, tokenizer_training=replace(config.tokenizer_training, guided_by=kind))


def test_pairs_are_frames_of_one_track():
    tracks = torch.tensor([2, 0, 1, 0, 2, 2, 0, 1])
    first, second = tracks[pairs(tracks, 200)].chunk(2)
    assert (first == second).all()
    assert set(first.tolist()) == {0, 1, 2}


def test_a_pair_reaches_every_frame_of_its_track():
    tracks = torch.tensor([0, 1, 0, 1, 0])
    first, second = pairs(tracks, 400).chunk(2)
    assert {(a, b) for a, b in zip(first.tolist(), second.tolist(), strict=True) if tracks[a] == 0} == {
        (a, b) for a in (0, 2, 4) for b in (0, 2, 4)}


def test_contrast_is_small_where_frames_of_a_track_agree_and_tracks_differ():
    tracks = torch.arange(4).repeat(2)
    apart = torch.eye(4).repeat(2, 1)
    assert contrast(apart, tracks) < 0.1
    assert contrast(apart.roll(1, 0)[torch.randperm(8)], tracks) > contrast(apart, tracks)


def test_other_frames_of_the_same_track_are_not_pushed_away():
    read = torch.randn(6, 5)
    read[1] = read[0]
    same, different = torch.tensor([0, 0, 1, 0, 0, 1]), torch.tensor([0, 2, 1, 0, 2, 1])
    assert contrast(read, same) < contrast(read, different)


def test_nothing_guides_without_a_loss(config: Config):
    read = torch.randn(4, 7)
    labels = tracks = torch.arange(4)
    assert guide_loss(guided_by(config, "nothing"), read, labels, tracks) == 0
    assert guide_loss(guided_by(config, "classes"), read, labels, tracks) > 0


def test_a_guide_of_classes_reads_as_many_numbers_as_there_are_classes(config: Config):
    assert outputs_of(guided_by(config, "classes")) == len(config.classes)
    assert outputs_of(guided_by(config, "tracks")) == outputs_of(guided_by(config, "nothing"))


def test_without_classes_an_image_is_right_by_its_nearest_neighbour_of_another_track(config: Config):
    read = torch.tensor([[1.0, 0.0], [0.99, 0.01], [0.9, 0.1], [0.0, 1.0], [0.1, 0.9]])
    labels, tracks = torch.tensor([0, 5, 0, 1, 1]), torch.tensor([0, 0, 1, 2, 3])
    assert abs(share_right(guided_by(config, "tracks"), read, labels, tracks) - 0.6) < 1e-6
