"""Random changes to training images, in batches, on the fly."""

import torch
import torch.nn.functional as F

from .config import Augmentation


def _uniform(count: int, half_width: float, device: torch.device) -> torch.Tensor:
    """`count` draws, uniform in -half_width to half_width."""
    return (torch.rand(count, device=device) * 2 - 1) * half_width


def _chosen(images: torch.Tensor, share: float) -> torch.Tensor:
    """A random share of the images, bool [B, 1, 1, 1]."""
    return torch.rand(len(images), 1, 1, 1, device=images.device) < share


def warp(images: torch.Tensor, settings: Augmentation) -> torch.Tensor:
    """A random affine map for each image of float [B, 3, H, W], a share of them mirrored; the border is reflected."""
    count, device = len(images), images.device
    angle, scale = _uniform(count, settings.rotation, device), 1 + _uniform(count, settings.scale, device)
    stretched = scale * (1 + _uniform(count, settings.stretch, device))
    across, down = _uniform(count, settings.shift, device), _uniform(count, settings.shift, device)
    aspect = images.shape[2] / images.shape[3]  # the map is of coordinates from -1 to 1 along both sides
    hand = 1 - 2 * _chosen(images, settings.flip).view(-1).float()
    top = torch.stack([hand * stretched * angle.cos(), -scale * angle.sin() * aspect, across], 1)
    bottom = torch.stack([hand * stretched * angle.sin() / aspect, scale * angle.cos(), down], 1)
    grid = F.affine_grid(torch.stack([top, bottom], 1), list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, padding_mode="reflection", align_corners=False)


def light(images: torch.Tensor, settings: Augmentation) -> torch.Tensor:
    """Random contrast, brightness and colour cast for each image; values stay in -1 to 1."""
    count, device = len(images), images.device
    gain = 1 + _uniform(count, settings.contrast, device).view(-1, 1, 1, 1)
    cast = _uniform(count * 3, settings.colour, device).view(-1, 3, 1, 1)
    lift = _uniform(count, settings.brightness, device).view(-1, 1, 1, 1)
    return (images * (gain + cast) + lift).clamp(-1, 1)


def coarsen(images: torch.Tensor, settings: Augmentation) -> torch.Tensor:
    """Brings a share of the images to half their size and back, as of a sign far away."""
    small = F.interpolate(F.avg_pool2d(images, 2), scale_factor=2, mode="bilinear", align_corners=False)
    return torch.where(_chosen(images, settings.coarse), small, images)


def degrade(images: torch.Tensor, settings: Augmentation) -> torch.Tensor:
    """Blurs a share of the images and adds noise of a random strength to every one."""
    blurred = F.avg_pool2d(F.pad(images, (1, 1, 1, 1), mode="replicate"), 3, 1)
    mix, strength = torch.rand(2, len(images), 1, 1, 1, device=images.device)
    changed = images + mix * _chosen(images, settings.blur) * (blurred - images)
    return changed + strength * settings.noise * torch.randn_like(images)


def erase(images: torch.Tensor, settings: Augmentation) -> torch.Tensor:
    """Paints one random box, up to 40 % of each side, in a random grey into a share of the images."""
    count, _, height, width = images.shape
    device = images.device
    sides = torch.rand(count, 2, device=device) * 0.3 + 0.1
    corner = torch.rand(count, 2, device=device) * (1 - sides)
    rows, columns = torch.arange(height, device=device) / height, torch.arange(width, device=device) / width
    inside_rows = (rows >= corner[:, :1]) & (rows < corner[:, :1] + sides[:, :1])
    inside_columns = (columns >= corner[:, 1:]) & (columns < corner[:, 1:] + sides[:, 1:])
    inside = inside_rows[:, None, :, None] & inside_columns[:, None, None, :]
    grey = _uniform(count, 1.0, device).view(-1, 1, 1, 1)
    return torch.where(inside & _chosen(images, settings.erase), grey, images)


def augment(pixels: torch.Tensor, settings: Augmentation) -> torch.Tensor:
    """uint8 [B, H, W, 3] to changed pixels, float [B, 3, H, W] in 0 to 255."""
    images = pixels.permute(0, 3, 1, 2).float() / 127.5 - 1
    for change in (warp, coarsen, light, degrade, erase):
        images = change(images, settings)
    return (images.clamp(-1, 1) + 1) * 127.5
