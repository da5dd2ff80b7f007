"""Losses that relate all samples of a step, however the step is cut and dealt."""

from collections.abc import Callable
from functools import partial

import pytest
import torch

from fixtures.passes import (
    ALONE,
    ROWS,
    STILL,
    bicaptioning,
    contrastive,
    contrastive_captioning,
    gradients,
    joint,
    passes,
)
from radtex.compute.seeding import derived_seed, seeded
from radtex.pretraining.data.augmentation_options import AugmentationOptions
from radtex.pretraining.data.batches import micro_batches
from radtex.pretraining.loop.backward import RelatedBackward, SeparateBackward, backward_of
from radtex.pretraining.objectives.contrastive import Contrastive
from radtex.pretraining.objectives.objective import Objective

Build = Callable[[float, str], Contrastive]


@pytest.mark.parametrize("build", [contrastive, contrastive_captioning])
@pytest.mark.parametrize("parts", [2, 4, 8])
def test_a_step_in_parts_has_the_gradients_of_the_whole(build: Build, parts: int) -> None:
    """Without batch-norm and dropout, which see the parts; 8 parts leave two empty."""
    whole, cut = (build(0.0, "convnext_atto") for _ in range(2))
    expected = passes(whole, 1, STILL).train(0, ROWS)
    found = passes(cut, parts, STILL).train(0, ROWS)
    assert found == pytest.approx(expected, rel=1e-5)
    wanted = gradients(whole)
    assert wanted["scale"] != 0
    for name, gradient in gradients(cut).items():
        assert torch.allclose(gradient, wanted[name], rtol=1e-3, atol=1e-6), name


@pytest.mark.parametrize("build", [contrastive, contrastive_captioning])
def test_both_passes_see_the_same_augmentation_dropout_and_batches(
    build: Build,
) -> None:
    """The gradients are those of one graph over all parts, each with the draws of its number."""
    whole, cut = (build(0.3, "resnet10t") for _ in range(2))
    training = passes(cut, 4, AugmentationOptions())
    training.train(0, ROWS)
    whole.train()
    embeddings, seed = [], training.forward.seed
    for number, rows in enumerate(micro_batches(ROWS, 4)):
        key = derived_seed(seed, 0, number, 1)
        images = training.forward.pixels.augmented(rows, AugmentationOptions(), key)
        with seeded(seed, 0, number, 0):
            embeddings.append(whole.embed(images, whole.targets(rows)))
    sums = whole.relate(torch.cat(embeddings))
    (sums / torch.from_numpy(whole.counts(ROWS))).sum().backward()
    wanted = gradients(whole)
    assert gradients(cut).keys() == wanted.keys()
    for name, gradient in gradients(cut).items():
        assert torch.allclose(gradient, wanted[name], rtol=1e-3, atol=1e-5), name


@pytest.mark.parametrize(
    ("build", "parts", "kind"),
    [
        (contrastive, 2, RelatedBackward),
        (contrastive, 1, SeparateBackward),
        (bicaptioning, 2, SeparateBackward),
    ],
)
def test_only_a_loss_over_several_micro_batches_needs_two_passes(
    build: Callable[[float], Objective], parts: int, kind: type
) -> None:
    objective = build(0.0)
    backward = backward_of(objective, passes(objective).forward, ALONE, parts, compile=False)
    assert type(backward) is kind
    assert backward.relates == (kind is RelatedBackward)


@pytest.mark.parametrize("build", [bicaptioning, partial(joint, share=0.0)])
def test_the_micro_batches_of_a_separate_loss_add_up_to_the_step(
    build: Callable[[float, str], Objective],
) -> None:
    """Without batch-norm, dropout and other draws the sums of the parts are those of the whole."""
    objective = build(0.0, "convnext_atto")
    counts = torch.from_numpy(objective.counts(ROWS))
    sums = []
    for parts in (1, 4, 8):
        training = passes(objective, parts, STILL)
        terms = [t.detach() for t in training.backward(0, micro_batches(ROWS, parts), counts)]
        assert len(terms) == parts
        sums.append(torch.stack(terms).double().sum(dim=0))
        objective.zero_grad()
    torch.testing.assert_close(sums[1], sums[0], rtol=1e-4, atol=0)
    torch.testing.assert_close(sums[2], sums[0], rtol=1e-4, atol=0)
