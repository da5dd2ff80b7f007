"""What image processors of transformers do to films, and those that do more."""

import numpy as np
import pytest
import torch
from transformers import (
    BitImageProcessor,
    ConvNextImageProcessor,
    LevitImageProcessor,
    ViTImageProcessor,
)

from radtex.errors import RunError
from radtex.models.encoders.image_processor import input_of

CROP = {"height": 32, "width": 32}
EDGE = {"shortest_edge": 40}


@pytest.mark.parametrize(
    ("processor", "size", "resized", "interpolation"),
    [
        (ViTImageProcessor(size={"height": 24, "width": 24}), 24, 24, "bilinear"),
        (BitImageProcessor(size=EDGE, crop_size=CROP), 32, 40, "bicubic"),
        (BitImageProcessor(size=EDGE, do_center_crop=False), 40, 40, "bicubic"),
        (ConvNextImageProcessor(size={"shortest_edge": 32}, crop_pct=0.875), 32, 36, "bicubic"),
        (ViTImageProcessor(size=28, do_normalize=False, resample=3), 28, 28, "bicubic"),
    ],
)  # fmt: skip
def test_films_are_made_as_the_processor_makes_them(processor, size, resized, interpolation):
    found = input_of(processor, "model")
    takes = found.takes
    assert (takes.size, takes.resized, takes.interpolation) == (size, resized, interpolation)
    films = np.random.default_rng(1).integers(0, 256, (2, 61, 61), dtype=np.uint8)
    colours = [np.repeat(film[..., None], 3, axis=2) for film in films]
    expected = processor(images=colours, return_tensors="pt")["pixel_values"]
    mean, std = (torch.tensor(each).view(1, 3, 1, 1) for each in (found.mean, found.std))
    grey = (takes.prepare(films) * takes.std + takes.mean) / 255
    torch.testing.assert_close((grey - mean) / std, expected, rtol=1e-5, atol=1e-4)


def test_the_middle_that_is_cut_out_stays_the_same_share_at_another_size():
    processor = BitImageProcessor(size=EDGE, crop_size=CROP)
    takes = input_of(processor, "model").takes.at_size(64)
    assert (takes.size, takes.resized) == (64, 80)


@pytest.mark.parametrize(
    ("processor", "said"),
    [
        (ViTImageProcessor(size={"height": 24, "width": 32}), "no one square size"),
        (ViTImageProcessor(size={"height": 24, "width": 24}, resample=0), "method 0"),
        (
            ViTImageProcessor(size={"height": 24, "width": 24}, rescale_factor=0.01),
            "does more than resize",
        ),
        (
            BitImageProcessor(size={"shortest_edge": 24}, crop_size=CROP),
            "no one square size",
        ),
        (LevitImageProcessor(size={"shortest_edge": 32}, crop_size=CROP), "more than"),
    ],
)
def test_a_processor_that_does_more_is_refused(processor, said):
    with pytest.raises(RunError, match=said):
        input_of(processor, "model")
