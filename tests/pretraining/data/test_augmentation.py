"""Each change of an image stays in its range, and the generator decides it alone."""

import pytest
import torch
from scipy.ndimage import gaussian_filter

from radtex.pretraining.data.augmentation import augment, gaussian_blur
from radtex.pretraining.data.augmentation_options import AugmentationOptions

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


def test_an_image_is_not_mirrored_unasked() -> None:
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


def test_a_mirrored_image_is_the_augmentation_of_its_mirror_image() -> None:
    images = torch.randn(4, 1, 32, 32, generator=generator())
    sides = torch.tensor([True, False, True, False])
    options = AugmentationOptions(blur=1.0, noise=0.5, flip=0.5)
    turned = torch.where(sides.view(-1, 1, 1, 1), images.flip(-1), images)
    seen = augment(images, 24, options, generator(3), sides)
    torch.testing.assert_close(seen, augment(turned, 24, options, generator(3)))
    assert torch.equal(augment(images, 32, NOTHING, generator(), sides)[1], images[1])


def test_blur_is_a_gaussian_of_each_images_own_deviation() -> None:
    images = torch.randn(3, 1, 40, 36, generator=generator(), dtype=torch.float64)
    deviations = torch.tensor([0.0, 0.7, 2.0], dtype=torch.float64)
    blurred = gaussian_blur(images, deviations, reach=6)
    assert torch.equal(blurred[0], images[0])
    for image, deviation, found in zip(images, deviations, blurred, strict=True):
        expected = gaussian_filter(image[0].numpy(), float(deviation), mode="nearest", radius=6)
        torch.testing.assert_close(found[0], torch.from_numpy(expected))


def test_noise_has_the_stated_deviation_at_most() -> None:
    images = torch.zeros(400, 1, 32, 32)
    seen = augment(images, 32, AugmentationOptions(1.0, 1.0, 0.0, 0.0, 0.0, noise=0.3), generator())
    deviations = seen.std((1, 2, 3))
    assert deviations.max().item() == pytest.approx(0.3, abs=0.03)
    assert deviations.min().item() == pytest.approx(0.0, abs=0.03)
    assert abs(seen.mean().item()) < 0.01


def test_blur_and_noise_leave_the_other_draws_alone() -> None:
    images = torch.randn(3, 1, 32, 32, generator=generator())
    plain = augment(images, 32, AugmentationOptions(), generator(1))
    faint = augment(images, 32, AugmentationOptions(blur=1e-3, noise=1e-6), generator(1))
    torch.testing.assert_close(faint, plain, rtol=1e-3, atol=1e-4)
