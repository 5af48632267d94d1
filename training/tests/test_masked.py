import pytest
import torch

from baselines.masked import MaskedAutoencoder, paint_loss, pretrained, targets_of
from baselines.trainer import Plan, start
from baselines.transformer import patches_of
from ordo_training.config import Config
from ordo_training.orders import random_orders
from ordo_training.runs import advance

PLAN = Plan(minutes=1)


@pytest.fixture
def model(config: Config) -> MaskedAutoencoder:
    torch.manual_seed(0)
    return MaskedAutoencoder(config).eval()


def test_patches_are_cut_in_raster_order():
    images = torch.arange(8 * 12.0).view(1, 1, 8, 12).expand(1, 3, 8, 12)
    patches = patches_of(images).view(6, 3, 4, 4)
    assert torch.equal(patches[4], images[0, :, 4:, 4:8])


@torch.no_grad()
def test_a_quarter_of_the_patches_is_read_and_the_others_are_painted(model: MaskedAutoencoder, config: Config):
    order = random_orders(1, config.positions, config.positions)
    patches = torch.randn(1, config.positions, 48)
    painted = model(patches, order)
    assert painted.shape == (1, config.positions * 3 // 4, 48)
    for rank, place in enumerate(order[0]):
        changed = patches.clone()
        changed[0, place] += 1
        differs = not torch.allclose(model(changed, order), painted, atol=1e-6)
        assert differs == (rank < config.positions // 4)


@torch.no_grad()
def test_the_sequence_of_hidden_places_only_sorts_what_is_painted(model: MaskedAutoencoder, config: Config):
    order = random_orders(1, config.positions, config.positions)
    patches, other = torch.randn(1, config.positions, 48), order.clone()
    other[:, model.visible:] = order[:, model.visible:].flip(1)
    assert torch.allclose(model(patches, other), model(patches, order).flip(1), atol=1e-5)


def test_targets_have_mean_0_and_variance_1():
    targets = targets_of(torch.rand(2, 5, 48) * 3 + 1)
    assert torch.allclose(targets.mean(-1), torch.zeros(2, 5), atol=1e-5)
    assert torch.allclose(targets.var(-1), torch.ones(2, 5), atol=1e-3)


def test_training_paints_what_follows_from_the_visible_patches(model: MaskedAutoencoder, config: Config):
    down, across = torch.meshgrid(torch.arange(config.image.height), torch.arange(config.image.width), indexing="ij")
    ramps = torch.stack([down, across, down + across]) * 4.0
    images = torch.stack([ramps[[k % 3] * 3] if k % 2 else 255 - ramps[[k % 3] * 3] for k in range(12)])
    run = start(model, "masked", PLAN, [])
    losses = []
    for _ in range(40):
        loss = paint_loss(PLAN, run.model, images, torch.zeros(12))
        advance(run, loss, 0.01, PLAN.average)
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]


@pytest.mark.parametrize("kind", ["probe", "vit"])
def test_a_classifier_takes_over_the_encoder_and_the_record_of_its_training(kind: str, config: Config, tmp_path):
    torch.manual_seed(0)
    run = start(MaskedAutoencoder(config), "masked", PLAN, [])
    torch.save(run.state(), tmp_path / "masked.pt")
    classifier, earlier = pretrained(kind, config, PLAN, tmp_path / "masked.pt")
    assert [stage["steps"] for stage in earlier] == [0]
    images = torch.rand(3, 3, config.image.height, config.image.width)
    assert torch.equal(classifier.network.encoder.pooled(images), run.average.encoder.pooled(images))
