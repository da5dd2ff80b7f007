"""What a micro-batch draws depends on its numbers alone."""

import pytest
import torch

from fixtures.passes import ALONE, ROWS, Tiny, films, masked
from radtex.pretraining.data.augmentation_options import AugmentationOptions
from radtex.pretraining.loop.forward import Forward
from radtex.pretraining.loop.training_options import Precision
from radtex.pretraining.objectives.objective import Objective


def forward(objective: Objective, seed: int = 5, precision: Precision = "float32") -> Forward:
    return Forward(objective, films(), AugmentationOptions(), precision, seed, ALONE.device)


def test_seed_step_and_number_decide_all_draws() -> None:
    """Augmentation, dropout and masks; torch's own generator is left alone."""
    objective = masked(0.3).train()

    def loss(seed: int, step: int, number: int) -> float:
        return forward(objective, seed).augmented(objective, step, number, ROWS).item()

    state = torch.get_rng_state()
    first = loss(5, 1, 2)
    assert loss(5, 1, 2) == first
    assert len({first, loss(6, 1, 2), loss(5, 2, 2), loss(5, 1, 3)}) == 4
    assert torch.equal(torch.get_rng_state(), state)


def test_inputs_prepared_ahead_are_used_once_and_for_their_micro_batch_alone() -> None:
    objective = masked(0.3).train()
    plain, ahead = forward(objective), forward(objective)
    ahead.prepare_ahead(3, 1, ROWS)
    for step, number in ((3, 0), (3, 1), (3, 1), (4, 0)):
        found = ahead.augmented(objective, step, number, ROWS)
        assert torch.equal(found, plain.augmented(objective, step, number, ROWS))


def test_without_augmentation_the_images_are_as_they_are() -> None:
    objective = Tiny()
    images = films().plain(ROWS)
    found = forward(objective).validation(ROWS, 0)
    assert torch.equal(found, objective(images, objective.targets(ROWS)))


@pytest.mark.parametrize(
    ("precision", "kind"),
    [("float32", torch.float32), ("bfloat16", torch.bfloat16), ("float16", torch.float16)],
)
def test_precision_is_that_of_the_matrix_products(precision: Precision, kind: torch.dtype) -> None:
    objective = Tiny()
    products = []
    objective.head.register_forward_hook(lambda *parts: products.append(parts[2].dtype))
    forward(objective, precision=precision).validation(ROWS, 0)
    assert products == [kind]
    assert objective.head.weight.dtype == torch.float32
