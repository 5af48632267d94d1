from pathlib import Path

import numpy as np
import pytest
import torch

from ordo_training import train_model
from ordo_training.config import Config
from ordo_training.devices import mixed_precision
from ordo_training.shapes import draw_shape
from ordo_training.train_tokenizer import load_tokenizer

PACKAGE = Path(__file__).parents[2] / "models" / "tiny"


def test_tokens_are_made_in_float32_where_training_is_in_bfloat16(config: Config, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("ordo_training.devices.has_bfloat16", lambda device: True)
    tokenizer, labels = load_tokenizer(PACKAGE, config), torch.arange(64) % 8
    pixels = torch.from_numpy(np.stack([draw_shape(i % 8, 16, np.random.default_rng(i)) for i in range(64)]))
    changed: list[torch.Tensor] = []
    augment = train_model.augment
    monkeypatch.setattr(train_model, "augment", lambda *words: changed.append(augment(*words)) or changed[-1])
    torch.manual_seed(0)
    tokens, _, _ = train_model.draw(config, tokenizer, (pixels, labels), 0, 1)
    assert torch.equal(tokens, train_model.tokens_of(tokenizer, changed[0]))
    with mixed_precision(pixels.device):
        assert not torch.equal(tokens, train_model.tokens_of(tokenizer, changed[0]))
