import pytest
import torch

from radtex.compute import half_precision
from radtex.compute.half_precision import speed_of


def test_the_fastest_products_of_each_kind_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds = iter([[9.0, 9.0], [3.0, 8.0], [4.0, 2.0], [6.0, 5.0], [6.0, 5.0], [6.0, 5.0]])
    monkeypatch.setattr(half_precision, "_seconds", lambda _: next(rounds))
    assert speed_of(torch.bfloat16) == pytest.approx(3.0 / 2.0)


def test_a_processor_has_some_speed() -> None:
    assert 0 < speed_of(torch.bfloat16) < float("inf")
