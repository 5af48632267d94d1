import torch

from baselines.flops import evaluation_flops
from ordo_training.config import Config
from ordo_training.flops import flops, row_flops


def test_a_product_of_matrices_counts_two_a_multiplication():
    assert flops(torch.matmul, torch.ones(3, 5), torch.ones(5, 7)) == 2 * 3 * 5 * 7


def test_an_evaluation_costs_about_a_whole_row_and_half_a_prefix_less_than_half(config: Config):
    row = row_flops(config, config.positions)
    assert 0.7 < evaluation_flops(config) / row < 1.6
    assert 0.4 < row_flops(config, config.positions // 2) / row < 0.5
