"""Augmentation of a batch of radiographs: one resampling, then blur, intensity and noise.

Mirroring is off by default: a flipped chest film shows dextrocardia. Where it is on, the text of a
mirrored image has left and right exchanged (`radtex.reports.laterality`).
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from radtex.compute.devices import to_device
from radtex.pretraining.data.augmentation_options import AugmentationOptions


def augment(
    images: Tensor,
    size: int,
    options: AugmentationOptions,
    generator: torch.Generator,
    mirrored: Tensor | None = None,
) -> Tensor:
    """Mirroring, random resized crop, rotation, blur, brightness and contrast, noise.

    Args:
        images: normalised float (B, 1, S, S).
        size: side of the result, in pixels.
        options: how far each change may go. `options.flip` is not used here: whoever draws the
            samples decides for text and image by the same coin.
        generator: on the CPU; the only source of randomness.
        mirrored: bool (B,), the images to mirror; none if None.

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
    if mirrored is not None:
        affine[:, 0] *= torch.where(mirrored, -1.0, 1.0).unsqueeze(1)
    gain = 1 + uniform(-options.contrast, options.contrast)
    shift = uniform(-options.brightness, options.brightness)

    drawn = torch.cat([affine.flatten(1), gain.unsqueeze(1), shift.unsqueeze(1)], dim=1)
    drawn = to_device(drawn, images.device)
    affine, gain, shift = drawn[:, :6].reshape(n, 2, 3), drawn[:, 6], drawn[:, 7]

    grid = F.affine_grid(affine, [n, 1, size, size], align_corners=False)
    sampled = F.grid_sample(
        images, grid, mode="bilinear", padding_mode="border", align_corners=False
    )
    if options.blur > 0:
        sampled = gaussian_blur(
            sampled, uniform(0.0, options.blur).to(images.device), math.ceil(3 * options.blur)
        )
    column = (n, 1, 1, 1)
    changed = sampled * gain.view(column) + shift.view(column)
    if options.noise > 0:
        deviation = uniform(0.0, options.noise).view(column)
        changed += (deviation * torch.randn(changed.shape, generator=generator)).to(images.device)
    return changed


def gaussian_blur(images: Tensor, deviations: Tensor, reach: int) -> Tensor:
    """Blur each image with a Gaussian of its own; beyond an image its edge goes on.

    Args:
        images: (B, 1, H, W).
        deviations: (B,) in pixels; zero leaves its image.
        reach: pixels to either side that the kernels span.
    """
    n = len(images)
    offsets = torch.arange(-reach, reach + 1, device=images.device, dtype=images.dtype)
    # The least deviation keeps 0 / 0 out of the kernels, and is too narrow to reach a neighbour.
    spread = deviations.to(images.dtype).clamp(min=0.05).unsqueeze(1)
    kernels = torch.softmax(-0.5 * (offsets / spread).square(), dim=1)
    stacked = F.pad(images.transpose(0, 1), (reach, reach, reach, reach), mode="replicate")
    stacked = F.conv2d(stacked, kernels.view(n, 1, 1, -1), groups=n)
    return F.conv2d(stacked, kernels.view(n, 1, -1, 1), groups=n).transpose(0, 1)
