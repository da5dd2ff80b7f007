"""The cosine descent of a learning rate."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from radtex.compute.schedule import cosine


def test_it_goes_from_the_peak_to_zero_through_the_middle() -> None:
    assert [cosine(done) for done in (0, 0.5, 1)] == pytest.approx([1, 0.5, 0])


@given(st.floats(0, 1), st.floats(0, 1))
def test_it_only_falls(one: float, other: float) -> None:
    assert cosine(min(one, other)) >= cosine(max(one, other))


def test_it_is_the_schedule_of_torch() -> None:
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weight], lr=0.3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=20)
    for step in range(21):
        assert optimizer.param_groups[0]["lr"] == pytest.approx(0.3 * cosine(step / 20), abs=1e-9)
        optimizer.step()
        schedule.step()
