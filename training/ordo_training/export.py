"""Writes a model package: four ONNX graphs and the manifest, each checked against PyTorch."""

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
import torch.nn as nn

from .config import Config, add_config, config_of
from .data import load_images, read_table, spread
from .graphs import DecoderGraph, EncoderGraph, PaintGraph, ScoreGraph
from .images import ends_by_sentence
from .model import AnyOrder
from .orders import random_orders
from .tokenizer import Tokenizer
from .train_model import load_model
from .train_tokenizer import load_tokenizer

OPSET = 20
GRAPHS = ("decoder.onnx", "encoder.onnx", "paint.onnx", "score.onnx")


def export_graph(module: nn.Module, sample: tuple[torch.Tensor, ...], names: list[str], output: str,
                 prefix: int | None, path: Path) -> None:
    """Exports one graph with dynamic rows, and a dynamic prefix length up to `prefix` where that is given."""
    rows = torch.export.Dim("rows", min=1, max=65536)
    shapes = [{0: rows} for _ in sample]
    if prefix is not None:
        shapes[1] = {0: rows, 1: torch.export.Dim("prefix", min=1, max=prefix)}
    program = torch.onnx.export(module.eval(), sample, dynamo=True, input_names=names, output_names=[output],
                                dynamic_shapes=tuple(shapes), opset_version=OPSET, verbose=False)
    proto = program.model_proto
    for node in proto.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    del proto.graph.value_info[:]
    del proto.metadata_props[:]
    del proto.functions[:]
    onnx.checker.check_model(proto, full_check=True)
    path.write_bytes(proto.SerializeToString(deterministic=True))


def sample_rows(config: Config, rows: int, prefix: int) -> tuple[torch.Tensor, ...]:
    """Random int32 tokens, orders and classes of the right shapes."""
    return (torch.randint(0, config.codes, (rows, config.positions)).int(),
            random_orders(rows, config.positions, prefix).int(),
            torch.randint(0, len(config.classes), (rows,)).int())


def export_all(config: Config, tokenizer: Tokenizer, model: AnyOrder, out: Path) -> None:
    """Writes the four graphs into `out`."""
    pixels = torch.randint(0, 256, (3, config.image.height, config.image.width, 3), dtype=torch.uint8)
    rows = sample_rows(config, 3, config.positions - 3)
    export_graph(EncoderGraph(tokenizer), (pixels,), ["image"], "tokens", None, out / "encoder.onnx")
    export_graph(DecoderGraph(tokenizer, config), rows[:1], ["tokens"], "image", None, out / "decoder.onnx")
    for graph, output, name in ((ScoreGraph(model), "log_likelihood", "score"), (PaintGraph(model), "logits", "paint")):
        export_graph(graph, rows, ["tokens", "order", "class"], output, config.positions, out / f"{name}.onnx")


def package_digest(package: Path) -> bytes:
    """The model digest: SHA-256 of a package's model.json."""
    return hashlib.sha256((package / "model.json").read_bytes()).digest()


def write_manifest(config: Config, out: Path) -> str:
    """Writes model.json over the graphs that lie in `out`; returns the model digest, hex."""
    files = {name: (out / name).read_bytes() for name in GRAPHS}
    manifest = {
        "format": 1,
        "name": config.name,
        "version": config.version,
        "image": {"width": config.image.width, "height": config.image.height, "fit": config.image.fit},
        "tokens": {"positions": config.positions, "codes": config.codes},
        "prefixes": list(config.model.prefixes),
        "classes": list(config.classes),
        "files": {name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
                  for name, data in files.items()},
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    (out / "model.json").write_text(text, encoding="utf-8")
    return package_digest(out).hex()


def session(path: Path, threads: int = 1) -> onnxruntime.InferenceSession:
    """A CPU session of a graph."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def run_rows(scorer: onnxruntime.InferenceSession, rows: tuple[np.ndarray, ...]) -> np.ndarray:
    """One call of the score or paint graph."""
    return scorer.run(None, dict(zip(("tokens", "order", "class"), rows, strict=True)))[0]


@torch.no_grad()
def parity(module: nn.Module, path: Path, config: Config, tokens: torch.Tensor) -> float:
    """The largest difference between PyTorch and ONNX Runtime over all prefix lengths and some row counts."""
    runtime, worst = session(path), 0.0
    for prefix in range(1, config.positions + 1):
        for count in (1, 7):
            rows = list(sample_rows(config, count, prefix))
            rows[0] = tokens[torch.randint(len(tokens), (count,))].int()
            expected = module(*rows).numpy()
            got = run_rows(runtime, [r.numpy() for r in rows])
            assert got.shape == expected.shape, (got.shape, expected.shape)
            worst = max(worst, float(np.abs(got - expected).max()))
    return worst


def stability(path: Path, config: Config, tokens: torch.Tensor, prefix: int, rows: int = 64) -> dict:
    """Whether a row's bits depend on its neighbours in a full batch, and on the batch size.

    Returns the share of rows that stay the same among other neighbours and other slots, and the batch
    sizes 1 to `rows` at which every row equals its result in the full batch.
    """
    runtime = session(path)
    _, order, category = (r.numpy() for r in sample_rows(config, rows, prefix))
    batch = (tokens[torch.randint(len(tokens), (rows,))].int().numpy(), order, category)
    full, same = run_rows(runtime, batch), 0
    for seed in range(8):
        moved = np.random.default_rng(seed).permutation(rows)
        same += int((run_rows(runtime, [r[moved] for r in batch]) == full[moved]).all(1).sum())
    others = [r.numpy().copy() for r in sample_rows(config, rows, prefix)]
    for kept in range(rows):
        mixed = [np.array(o) for o in others]
        for part, source in zip(mixed, batch, strict=True):
            part[kept] = source[kept]
        same += int((run_rows(runtime, mixed)[kept] == full[kept]).all())
    equal = [size for size in range(1, rows + 1) if (np.concatenate(
        [run_rows(runtime, [r[i:i + size] for r in batch]) for i in range(0, rows, size)]) == full).all()]
    return {"sameAmongNeighbours": same / (9 * rows), "batchSizesEqualToFull": equal}


def check(config: Config, tokenizer: Tokenizer, model: AnyOrder, out: Path, pixels: np.ndarray) -> dict:
    """All checks of a written package on real images, uint8 [B, height, width, 3]."""
    with torch.no_grad():
        tokens = EncoderGraph(tokenizer)(torch.from_numpy(pixels))
        images = DecoderGraph(tokenizer, config)(tokens)
    encoded = session(out / "encoder.onnx").run(None, {"image": pixels})[0]
    painted = session(out / "decoder.onnx").run(None, {"tokens": tokens.numpy()})[0]
    return {
        "images": len(pixels),
        "tokensEqualShare": float((encoded == tokens.numpy()).mean()),
        "decoderLargestDifference": float(np.abs(painted - images.numpy()).max()),
        "scoreLargestDifferenceNats": parity(ScoreGraph(model), out / "score.onnx", config, tokens),
        "paintLargestDifference": parity(PaintGraph(model), out / "paint.onnx", config, tokens),
        "stability": {str(prefix): stability(out / "score.onnx", config, tokens, prefix)
                      for prefix in config.model.prefixes},
    }


def departures(checks: dict) -> list[str]:
    """Which checks of a written package failed: a row is to have its value to 0.001 nat, whatever stands beside it."""
    limits = {"decoderLargestDifference": 1e-2, "scoreLargestDifferenceNats": 1e-3, "paintLargestDifference": 1e-2}
    found = [f"{name} {checks[name]:.1e}" for name, limit in limits.items() if not checks[name] <= limit]
    same = checks["tokensEqualShare"]
    tokens = [] if same >= 0.999 else [f"tokensEqualShare {same:.4f}"]
    shares = {prefix: one["sameAmongNeighbours"] for prefix, one in checks["stability"].items()}
    unstable = [f"sameAmongNeighbours {share:.4f} at prefix {prefix}" for prefix, share in shares.items() if share < 1]
    return [*found, *tokens, *unstable]


@ends_by_sentence
def main(words: Sequence[str] | None = None) -> None:
    """Exports a package and writes its checks to checks.json."""

    parser = argparse.ArgumentParser(description="Export a model package.")
    add_config(parser)
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--images", required=True)
    parser.add_argument("--labels", required=True, help="a table of images to check with")
    parser.add_argument("--out", required=True, help="the package folder")
    arguments = parser.parse_args(words)
    torch.manual_seed(0)
    config, out = config_of(arguments), Path(arguments.out)
    out.mkdir(parents=True, exist_ok=True)
    tokenizer = load_tokenizer(arguments.tokenizer, config)
    model = load_model(arguments.model, config, tokenizer)
    export_all(config, tokenizer, model, out)
    digest = write_manifest(config, out)
    pixels, _ = load_images(arguments.images, spread(read_table(arguments.labels), 200), config)
    checks = {"model": digest, **check(config, tokenizer, model, out, pixels)}
    (out / "checks.json").write_text(json.dumps(checks, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(checks, indent=2))
    if found := departures(checks):
        sys.exit("the graphs do not compute what PyTorch does: " + "; ".join(found))


if __name__ == "__main__":
    main()
