"""What tells the tokenizer which differences to keep: the classes, or that frames of one track show one object."""

import torch
import torch.nn.functional as F

from .config import Config

EMBEDDING = 64
TEMPERATURE = 0.2


def outputs_of(config: Config) -> int:
    """How many numbers the guide reads off the codes of an image."""
    return len(config.classes) if config.tokenizer_training.guided_by == "classes" else EMBEDDING


def pairs(tracks: torch.Tensor, count: int) -> torch.Tensor:
    """Indices [2 * count]: random frames, then for each of them a random frame of its own track."""
    order = tracks.argsort(stable=True)
    lengths = tracks.bincount()
    begins = lengths.cumsum(0) - lengths
    first = torch.randint(len(tracks), (count,), device=tracks.device)
    own = tracks[first]
    offset = (torch.rand(count, device=tracks.device) * lengths[own]).long()
    return torch.cat([first, order[begins[own] + offset]])


def contrast(read: torch.Tensor, tracks: torch.Tensor) -> torch.Tensor:
    """NT-Xent (Chen et al. 2020, arXiv 2002.05709) of embeddings [2 * count, d] made of `pairs`.

    Other frames that happen to be of the same track are left out of the comparison.
    """
    unit = F.normalize(read.float(), dim=1)
    likeness = unit @ unit.T / TEMPERATURE
    half = len(read) // 2
    partner = torch.arange(len(read), device=read.device).roll(half)
    alike = tracks[:, None] == tracks[None, :]
    alike[torch.arange(len(read), device=read.device), partner] = False
    return F.cross_entropy(likeness.masked_fill(alike, -torch.inf), partner)


def guide_loss(config: Config, read: torch.Tensor, labels: torch.Tensor, tracks: torch.Tensor) -> torch.Tensor:
    """The guide's loss for what it read, [B, outputs]; zero where nothing guides."""
    kind = config.tokenizer_training.guided_by
    if kind == "nothing":
        return read.new_zeros(())
    if kind == "tracks":
        return contrast(read, tracks)
    return F.cross_entropy(read.float(), labels, label_smoothing=0.05)


def share_right(config: Config, read: torch.Tensor, labels: torch.Tensor, tracks: torch.Tensor) -> float:
    """The share of images whose class the guide gives, or, without classes, the nearest image of another track."""
    if config.tokenizer_training.guided_by == "classes":
        return (read.argmax(1) == labels).float().mean().item()
    unit = F.normalize(read, dim=1)
    likeness = (unit @ unit.T).masked_fill(tracks[:, None] == tracks[None, :], -torch.inf)
    return (labels[likeness.argmax(1)] == labels).float().mean().item()
