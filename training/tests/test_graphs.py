from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from stirred import stirred

from ordo_training.config import Config
from ordo_training.export import (
    GRAPHS,
    check,
    departures,
    export_all,
    export_graph,
    sample_rows,
    session,
    write_manifest,
)
from ordo_training.graphs import DecoderGraph, ScoreGraph
from ordo_training.model import AnyOrder
from ordo_training.restore import restore_model
from ordo_training.tokenizer import Tokenizer
from ordo_training.train_tokenizer import load_tokenizer


def entering(config: Config, by: str) -> Config:
    return replace(config, model=replace(config.model, class_by=by))


@pytest.mark.parametrize("by", ["sum", "norms"])
def test_a_package_agrees_with_pytorch(config: Config, by: str, tmp_path: Path):
    config = entering(config, by)
    torch.manual_seed(0)
    tokenizer, model = Tokenizer(config.tokenizer).eval(), stirred(AnyOrder, config)
    export_all(config, tokenizer, model, tmp_path)
    assert len(write_manifest(config, tmp_path)) == 64
    assert all((tmp_path / name).exists() for name in (*GRAPHS, "model.json"))
    pixels = np.random.default_rng(0).integers(0, 256, (20, 16, 16, 3), dtype=np.uint8)
    checks = check(config, tokenizer, model, tmp_path, pixels)
    assert checks["scoreLargestDifferenceNats"] < 1e-4
    assert checks["paintLargestDifference"] < 1e-4
    assert checks["decoderLargestDifference"] < 1e-4
    assert checks["tokensEqualShare"] > 0.999
    names = [i.name for i in session(tmp_path / "score.onnx").get_inputs()]
    assert names == ["tokens", "order", "class"]
    assert departures(checks) == []
    assert departures({**checks, "scoreLargestDifferenceNats": float("nan")}) == ["scoreLargestDifferenceNats nan"]
    assert departures({**checks, "scoreLargestDifferenceNats": 5e-3}) == ["scoreLargestDifferenceNats 5.0e-03"]
    unstable = {"8": {"sameAmongNeighbours": 0.98, "batchSizesEqualToFull": [64]}}
    assert departures({**checks, "stability": unstable}) == ["sameAmongNeighbours 0.9800 at prefix 8"]


@pytest.mark.parametrize("by", ["sum", "norms"])
def test_a_model_is_restored_from_its_package(config: Config, by: str, tmp_path: Path):
    config = entering(config, by)
    torch.manual_seed(0)
    model = AnyOrder(config).eval()
    with torch.no_grad():
        for weights in model.parameters():  # of equal tensors, as fresh biases are, a graph keeps one
            weights.copy_(torch.randn_like(weights))
    export_graph(ScoreGraph(model), sample_rows(config, 3, 5), ["tokens", "order", "class"], "log_likelihood",
                 config.positions, tmp_path / "score.onnx")
    restored = restore_model(config, tmp_path).state_dict()
    assert all(torch.equal(restored[name], weights) for name, weights in model.state_dict().items())


@torch.no_grad()
def test_a_tokenizer_is_restored_from_its_package(config: Config, tmp_path: Path):
    torch.manual_seed(0)
    tokenizer = Tokenizer(config.tokenizer).eval()
    for name, weights in tokenizer.state_dict().items():
        if weights.is_floating_point():
            weights.copy_(0.5 + torch.rand_like(weights) if name.endswith("running_var") else
                          torch.randn_like(weights) * 0.3)
    export_all(config, tokenizer, AnyOrder(config).eval(), tmp_path)
    restored = load_tokenizer(tmp_path, config)
    images, tokens = torch.randn(20, 3, 16, 16), torch.randint(0, config.codes, (20, config.positions))
    torch.testing.assert_close(restored.encoder(images), tokenizer.encoder(images))
    torch.testing.assert_close(DecoderGraph(restored, config)(tokens), DecoderGraph(tokenizer, config)(tokens))
