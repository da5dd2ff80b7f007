"""Augmentation of a batch of radiographs: one resampling and one change of intensity.

No mirroring: a flipped chest film shows dextrocardia, and its report would say the wrong side.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True)
class AugmentationOptions:
    """Ranges that are drawn from evenly, for each image by itself."""

    crop_area: float = 0.6
    """smallest share of the image that a random crop keeps; 1 keeps all"""
    crop_ratio: float = 0.75
    """narrowest ratio of the crop's sides; its inverse is the widest"""
    rotation: float = 10.0
    """degrees, either way"""
    brightness: float = 0.2
    """shift in standard deviations, either way"""
    contrast: float = 0.2
    """relative change, either way"""


def augment(
    images: Tensor, size: int, options: AugmentationOptions, generator: torch.Generator
) -> Tensor:
    """Random resized crop, rotation, brightness and contrast.

    Args:
        images: normalised float (B, 1, S, S).
        size: side of the result.
        generator: on the CPU; the only source of randomness.

    Returns:
        float (B, 1, size, size); what lies outside the image is filled with its edge.
    """
    n = len(images)

    def uniform(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(n, generator=generator)

    area = uniform(options.crop_area, 1.0)
    log_ratio = uniform(math.log(options.crop_ratio), -math.log(options.crop_ratio))
    width = (area * log_ratio.exp()).sqrt().clamp(max=1.0)
    height = (area / log_ratio.exp()).sqrt().clamp(max=1.0)
    x = (1 - width) * uniform(-1.0, 1.0)
    y = (1 - height) * uniform(-1.0, 1.0)
    angle = torch.deg2rad(uniform(-options.rotation, options.rotation))
    cos, sin = angle.cos(), angle.sin()
    affine = torch.stack(
        [
            torch.stack([width * cos, -height * sin, x], dim=1),
            torch.stack([width * sin, height * cos, y], dim=1),
        ],
        dim=1,
    )
    gain = 1 + uniform(-options.contrast, options.contrast)
    shift = uniform(-options.brightness, options.brightness)

    grid = F.affine_grid(affine.to(images.device), [n, 1, size, size], align_corners=False)
    sampled = F.grid_sample(
        images, grid, mode="bilinear", padding_mode="border", align_corners=False
    )
    column = (n, 1, 1, 1)
    return sampled * gain.view(column).to(images.device) + shift.view(column).to(images.device)
