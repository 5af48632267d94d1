import pytest
import torch

from ordo_training.config import Config
from ordo_training.golden import clearance, drawn_images, image_vectors
from ordo_training.tokenizer import Tokenizer


@pytest.fixture
def tokenizer(config: Config) -> Tokenizer:
    torch.manual_seed(0)
    return Tokenizer(config.tokenizer).eval()


def test_the_images_farthest_from_rounding_boundaries_are_taken(config: Config, tokenizer: Tokenizer):
    pixels = drawn_images(config, 40)
    kept = image_vectors(tokenizer, pixels, 5)
    best = tokenizer.tokens(torch.from_numpy(pixels[clearance(tokenizer, pixels).argmax()]).permute(2, 0, 1)[None])
    assert len(kept) == 5
    assert kept[0]["tokens"] == best[0].tolist()


def test_too_few_images_that_stay_clear_are_an_error(config: Config, tokenizer: Tokenizer):
    with pytest.raises(SystemExit, match="of 3 images"):
        image_vectors(tokenizer, drawn_images(config, 3), 4)
