import pytest
import torch

from ordo_training.muon import Muon, orthogonal


@pytest.mark.parametrize("shape", [(24, 24), (16, 48), (48, 16)])
def test_a_matrix_is_made_about_orthogonal_and_keeps_its_directions(shape: tuple[int, int]):
    torch.manual_seed(0)
    left, values, right = torch.linalg.svd(torch.randn(shape), full_matrices=False)
    made = orthogonal(left @ torch.diag(values.clamp(min=values.max() / 20)) @ right)
    inside = left.T @ made @ right.T
    assert ((inside.diagonal() > 0.6) & (inside.diagonal() < 1.3)).all()
    assert (inside - torch.diag(inside.diagonal())).abs().max() < 1e-3


def test_steps_agree_with_those_of_pytorch_up_to_its_rounding():
    torch.manual_seed(0)
    ours, theirs = (torch.nn.Parameter(torch.ones(16, 48)) for _ in range(2))
    mine = Muon([{"params": [ours], "weight_decay": 0.1}], 0.01)
    reference = torch.optim.Muon([theirs], 0.01, weight_decay=0.1, adjust_lr_fn="match_rms_adamw")
    for _ in range(3):
        ours.grad = torch.randn(16, 48)
        theirs.grad = ours.grad.clone()
        mine.step()
        reference.step()
    change = theirs.detach() - 1
    assert (ours.detach() - theirs.detach()).abs().max() < 0.03 * change.abs().max()
