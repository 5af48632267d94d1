"""The networks of a package, read back from its graphs: to go on training them, or to run them in PyTorch."""

from pathlib import Path

import onnx
import torch

from .config import Config
from .model import AnyOrder
from .tokenizer import Tokenizer


def _arrays(path: Path) -> list[tuple[str, torch.Tensor]]:
    """The named arrays of a graph, in its order."""
    initializers = onnx.load(path).graph.initializer
    return [(one.name, torch.from_numpy(onnx.numpy_helper.to_array(one).copy())) for one in initializers]


def restore_model(config: Config, package: Path) -> AnyOrder:
    """The model whose weights score.onnx holds.

    The exporter keeps the names of tables, biases and norms; it transposes the matrices of linear layers and renames
    them, but lists them in the order in which they are used.
    """
    arrays = _arrays(package / "score.onnx")
    model = AnyOrder(config)
    expected = model.state_dict()
    state = {name.removeprefix("model."): array for name, array in arrays if name.startswith("model.")}
    matrices = [array.T for name, array in arrays if not name.startswith("model.") and array.dim() == 2]
    missing = [name for name in expected if name not in state]
    for name, matrix in zip(missing, matrices, strict=True):
        state[name] = matrix
    model.load_state_dict({name: state[name] for name in expected})
    return model.eval()


def _unfolded(norm: str, bias: torch.Tensor) -> dict[str, torch.Tensor]:
    """A normalization that adds `bias` and nothing else: what is left of one that was folded into its convolution."""
    scale = torch.full_like(bias, 1 + 1e-5).sqrt()
    return {f"{norm}.weight": scale, f"{norm}.bias": bias, f"{norm}.running_mean": torch.zeros_like(bias),
            f"{norm}.running_var": torch.ones_like(bias)}


def restore_tokenizer(config: Config, package: Path) -> Tokenizer:
    """The tokenizer whose weights encoder.onnx and decoder.onnx hold.

    The exporter folds the normalization after a convolution without bias into it; the convolution's name tells.
    """
    tokenizer = Tokenizer(config.tokenizer)
    state = tokenizer.state_dict()
    for name, array in (*_arrays(package / "encoder.onnx"), *_arrays(package / "decoder.onnx")):
        name = name.removeprefix("tokenizer.")
        if name.endswith(".0.weight_bias"):
            state |= _unfolded(f"{name.removesuffix('.0.weight_bias')}.1", array)
        elif name in state:
            state[name] = array
    tokenizer.load_state_dict(state)
    return tokenizer.eval()
