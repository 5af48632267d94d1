"""Image to tokens and back: contrast normalization, a convolutional encoder, FSQ, a decoder."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from . import config as settings


class Normalize(nn.Module):
    """Takes lighting away: float [B, 3, H, W] in 0 to 255 to about -1 to 1.

    Subtracts the image's mean and divides by the deviation of its centre (three quarters of each side).
    """

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        images = pixels / 127.5 - 1
        height, width = images.shape[2] // 8, images.shape[3] // 8
        centre = images[:, :, height:-height, width:-width]
        spread = (centre - centre.mean((1, 2, 3), keepdim=True)).square().mean((1, 2, 3), keepdim=True).sqrt()
        centred = images - images.mean((1, 2, 3), keepdim=True)
        return (centred / (spread + 0.03)).clamp(-2.5, 2.5) / 2.5


class Quantize(nn.Module):
    """Finite scalar quantization: each channel is bounded and rounded to one of its levels.

    Codes are numbered with the first channel as the lowest digit.
    """

    def __init__(self, levels: tuple[int, ...]):
        super().__init__()
        counts = torch.tensor(levels, dtype=torch.float32).view(1, -1, 1, 1)
        reach = (counts - 1) * (1 - 1e-3) / 2
        offset = torch.where(counts % 2 == 0, 0.5, 0.0)
        steps = torch.cumprod(torch.tensor((1, *levels[:-1])), 0)
        self.register_buffer("reach", reach, persistent=False)
        self.register_buffer("offset", offset, persistent=False)
        self.register_buffer("shift", torch.atanh(offset / reach), persistent=False)
        self.register_buffer("centre", torch.div(counts, 2, rounding_mode="floor"), persistent=False)
        self.register_buffer("steps", steps.view(1, -1, 1, 1), persistent=False)
        self.register_buffer("levels", counts.int(), persistent=False)

    def bound(self, values: torch.Tensor) -> torch.Tensor:
        """Squashes float [B, C, h, w] into the range that rounds to valid levels."""
        return torch.tanh(values + self.shift) * self.reach - self.offset

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Quantized values scaled to about -1 to 1, with the gradient of the unrounded ones."""
        bounded = self.bound(values.float())
        return (bounded + (bounded.round() - bounded).detach()) / self.centre

    def tokens(self, values: torch.Tensor) -> torch.Tensor:
        """Float [B, C, h, w] to int32 token ids [B, h * w] in raster order."""
        digits = (self.bound(values.float()).round() + self.centre).int()
        return (digits * self.steps.int()).sum(1, dtype=torch.int32).flatten(1)

    def values(self, tokens: torch.Tensor, height: int, width: int) -> torch.Tensor:
        """Token ids [B, h * w] to the quantized values [B, C, h, w] that they stand for."""
        digits = torch.div(tokens.view(-1, 1, height, width), self.steps.int(), rounding_mode="floor") % self.levels
        return (digits.float() - self.centre) / self.centre


class Residual(nn.Module):
    """A dilated 3 x 3 convolution and a 1 x 1 one, added to the input [B, C, h, w]."""

    def __init__(self, channels: int, dilation: int = 1):
        super().__init__()
        self.norm = nn.BatchNorm2d(channels)
        self.spread = nn.Conv2d(channels, channels, 3, padding=dilation, dilation=dilation)
        self.mix = nn.Conv2d(channels, channels, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.mix(F.gelu(self.spread(self.norm(x))))


def _down(before: int, after: int, stride: int) -> nn.Sequential:
    """A 3 x 3 convolution with normalization and GELU; stride 2 halves the resolution."""
    return nn.Sequential(nn.Conv2d(before, after, 3, stride, 1, bias=False), nn.BatchNorm2d(after), nn.GELU())


def _encoder(shape: settings.Tokenizer) -> nn.Sequential:
    """[B, 3, H, W] to one channel a level at the resolution of the grid."""
    full, half, quarter, *coarser = shape.channels
    blocks, last = [Residual(quarter, dilation) for dilation in shape.dilations], quarter
    for channels in coarser:
        blocks += [_down(last, channels, 2), Residual(channels)]
        last = channels
    return nn.Sequential(_down(3, full, 1), _down(full, half, 2), _down(half, quarter, 2), *blocks,
                         nn.BatchNorm2d(last), nn.GELU(), nn.Conv2d(last, len(shape.levels), 1))


def _up(before: int, after: int) -> list[nn.Module]:
    """Twice the resolution, [B, before, h, w] to [B, after, 2h, 2w], and a 3 x 3 convolution."""
    return [nn.Conv2d(before, 4 * after, 1), nn.PixelShuffle(2), nn.Conv2d(after, after, 3, padding=1), nn.GELU()]


def _decoder(shape: settings.Tokenizer) -> nn.Sequential:
    """Quantized values [B, levels, h, w] to an image [B, 3, H, W]."""
    channels = shape.decoder_channels
    half = max(8, channels // 2)
    blocks = [Residual(channels) for _ in range(shape.decoder_blocks)]
    coarser = [layer for _ in shape.channels[3:] for layer in _up(channels, channels)]
    return nn.Sequential(nn.Conv2d(len(shape.levels), channels, 3, padding=1), *blocks,
                         nn.BatchNorm2d(channels), nn.GELU(), *coarser, *_up(channels, half),
                         nn.Conv2d(half, 12, 1), nn.PixelShuffle(2))


class Tokenizer(nn.Module):
    """Encoder, quantizer and decoder together."""

    def __init__(self, shape: settings.Tokenizer):
        super().__init__()
        self.normalize = Normalize()
        self.quantize = Quantize(shape.levels)
        self.encoder = _encoder(shape)
        self.decoder = _decoder(shape)

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Pixels [B, 3, H, W] in 0 to 255 to the normalized image, its reconstruction, and the quantized values."""
        images = self.normalize(pixels)
        values = self.quantize(self.encoder(images))
        return images, self.decoder(values), values

    def tokens(self, pixels: torch.Tensor) -> torch.Tensor:
        """Pixels [B, 3, H, W] in 0 to 255 to int32 tokens [B, N]."""
        return self.quantize.tokens(self.encoder(self.normalize(pixels)))


def hide_places(values: torch.Tensor) -> torch.Tensor:
    """Sets a random share of the places of [B, levels, h, w], up to 70 % of an image, to zero."""
    count, _, height, width = values.shape
    share = torch.rand(count, 1, 1, 1, device=values.device) * 0.7
    return values.masked_fill(torch.rand(count, 1, height, width, device=values.device) < share, 0.0)


class Guide(nn.Module):
    """Reads `outputs` numbers off the quantized values [B, levels, h, w]; used only while the tokenizer trains.

    In training it sees a random share of the places, so that what it needs is spread over the whole grid.
    """

    def __init__(self, levels: int, grid: tuple[int, int], outputs: int, channels: int = 64):
        super().__init__()
        cells = ((grid[0] + 1) // 2) * ((grid[1] + 1) // 2)
        self.body = nn.Sequential(nn.Conv2d(levels, channels, 3, padding=1), nn.BatchNorm2d(channels), nn.GELU(),
                                  nn.Conv2d(channels, channels, 3, 2, 1), nn.BatchNorm2d(channels), nn.GELU(),
                                  nn.Flatten(), nn.Dropout(0.1), nn.Linear(channels * cells, outputs))

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Numbers [B, outputs]: class logits, or an embedding."""
        return self.body(hide_places(values) if self.training else values)
