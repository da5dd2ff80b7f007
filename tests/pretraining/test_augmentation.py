import pytest
import torch

from radtex.pretraining.augmentation import AugmentationOptions, augment

NOTHING = AugmentationOptions(1.0, 1.0, 0.0, 0.0, 0.0)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_no_augmentation_leaves_the_image() -> None:
    images = torch.randn(3, 1, 32, 32, generator=generator())
    torch.testing.assert_close(augment(images, 32, NOTHING, generator()), images)


def test_the_generator_is_the_only_source_of_randomness() -> None:
    images = torch.randn(3, 1, 32, 32, generator=generator())
    state = torch.get_rng_state()
    once = augment(images, 24, AugmentationOptions(), generator(5))
    assert torch.equal(once, augment(images, 24, AugmentationOptions(), generator(5)))
    assert not torch.equal(once, augment(images, 24, AugmentationOptions(), generator(6)))
    assert torch.equal(torch.get_rng_state(), state)
    assert once.shape == (3, 1, 24, 24)


def test_an_image_is_never_mirrored() -> None:
    """The left of the image stays left: a flipped chest film would be dextrocardia."""
    images = torch.zeros(200, 1, 32, 32)
    images[..., :16] = 1.0
    options = AugmentationOptions(0.5, 0.75, 15.0, 0.0, 0.0)
    seen = augment(images, 32, options, generator())
    assert (seen[..., :8].mean((1, 2, 3)) > seen[..., -8:].mean((1, 2, 3))).all()


@pytest.mark.parametrize("area", [0.3, 0.6])
def test_a_crop_keeps_the_stated_share(area: float) -> None:
    ramp = torch.linspace(0, 1, 64).expand(500, 1, 64, 64).contiguous()
    options = AugmentationOptions(area, 1.0, 0.0, 0.0, 0.0)
    seen = augment(ramp, 64, options, generator())
    kept = (seen[:, 0, 0, -1] - seen[:, 0, 0, 0]) ** 2
    assert kept.min().item() == pytest.approx(area, abs=0.05)
    assert kept.max().item() == pytest.approx(1.0, abs=0.05)


def test_intensity_stays_in_its_range() -> None:
    images = torch.ones(500, 1, 4, 4)
    seen = augment(images, 4, AugmentationOptions(1.0, 1.0, 0.0, 0.5, 0.2), generator())
    assert seen.min() >= 1 - 0.2 - 0.5
    assert seen.max() <= 1 + 0.2 + 0.5
    assert seen.std() > 0.1
