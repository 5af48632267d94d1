"""Random changes to training images, in batches, on the fly."""

import torch
import torch.nn.functional as F

from .config import Augmentation


def _uniform(count: int, half_width: float) -> torch.Tensor:
    """`count` draws, uniform in -half_width to half_width."""
    return (torch.rand(count) * 2 - 1) * half_width


def warp(images: torch.Tensor, settings: Augmentation) -> torch.Tensor:
    """A random affine map for each image of float [B, 3, H, W]; the border is reflected. No flips."""
    count = images.shape[0]
    angle, scale = _uniform(count, settings.rotation), 1 + _uniform(count, settings.scale)
    stretched = scale * (1 + _uniform(count, settings.stretch))
    across, down = _uniform(count, settings.shift), _uniform(count, settings.shift)
    top = torch.stack([stretched * angle.cos(), -scale * angle.sin(), across], 1)
    bottom = torch.stack([stretched * angle.sin(), scale * angle.cos(), down], 1)
    grid = F.affine_grid(torch.stack([top, bottom], 1), list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, padding_mode="reflection", align_corners=False)


def light(images: torch.Tensor, settings: Augmentation) -> torch.Tensor:
    """Random contrast, brightness and colour cast for each image; values stay in -1 to 1."""
    count = images.shape[0]
    gain = 1 + _uniform(count, settings.contrast).view(-1, 1, 1, 1)
    cast = _uniform(count * 3, settings.colour).view(-1, 3, 1, 1)
    lift = _uniform(count, settings.brightness).view(-1, 1, 1, 1)
    return (images * (gain + cast) + lift).clamp(-1, 1)


def degrade(images: torch.Tensor, settings: Augmentation) -> torch.Tensor:
    """Blurs a share of the images and adds noise of a random strength to every one."""
    count = images.shape[0]
    blurred = F.avg_pool2d(F.pad(images, (1, 1, 1, 1), mode="replicate"), 3, 1)
    mix = torch.rand(count, 1, 1, 1) * (torch.rand(count, 1, 1, 1) < settings.blur)
    strength = torch.rand(count, 1, 1, 1) * settings.noise
    return images + mix * (blurred - images) + strength * torch.randn_like(images)


def erase(images: torch.Tensor, settings: Augmentation) -> torch.Tensor:
    """Paints one random box, up to 40 % of each side, in a random grey into a share of the images."""
    count, _, height, width = images.shape
    sides = torch.rand(count, 2) * 0.3 + 0.1
    corner = torch.rand(count, 2) * (1 - sides)
    rows, columns = torch.arange(height) / height, torch.arange(width) / width
    inside_rows = (rows >= corner[:, :1]) & (rows < corner[:, :1] + sides[:, :1])
    inside_columns = (columns >= corner[:, 1:]) & (columns < corner[:, 1:] + sides[:, 1:])
    chosen = (torch.rand(count) < settings.erase).view(-1, 1, 1, 1)
    box = (inside_rows[:, None, :, None] & inside_columns[:, None, None, :]) & chosen
    return torch.where(box, _uniform(count, 1.0).view(-1, 1, 1, 1), images)


def augment(pixels: torch.Tensor, settings: Augmentation) -> torch.Tensor:
    """uint8 [B, H, W, 3] to changed pixels, float [B, 3, H, W] in 0 to 255."""
    images = pixels.permute(0, 3, 1, 2).float() / 127.5 - 1
    changed = erase(degrade(light(warp(images, settings), settings), settings), settings)
    return (changed.clamp(-1, 1) + 1) * 127.5
