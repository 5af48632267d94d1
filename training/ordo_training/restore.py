"""The transformer of a package, read back from its score graph: to go on training it, or to run it in PyTorch."""

from pathlib import Path

import onnx
import torch

from .config import Config
from .model import AnyOrder


def restore_model(config: Config, package: Path) -> AnyOrder:
    """The model whose weights score.onnx holds.

    The exporter keeps the names of tables, biases and norms; it transposes the matrices of linear layers and renames
    them, but lists them in the order in which they are used.
    """
    initializers = onnx.load(package / "score.onnx").graph.initializer
    arrays = [(one.name, torch.from_numpy(onnx.numpy_helper.to_array(one).copy())) for one in initializers]
    model = AnyOrder(config)
    expected = model.state_dict()
    state = {name.removeprefix("model."): array for name, array in arrays if name.startswith("model.")}
    matrices = [array.T for name, array in arrays if not name.startswith("model.") and array.dim() == 2]
    missing = [name for name in expected if name not in state]
    for name, matrix in zip(missing, matrices, strict=True):
        state[name] = matrix
    model.load_state_dict({name: state[name] for name in expected})
    return model.eval()
