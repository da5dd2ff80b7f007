"""Products by oneDNN, and where they are used."""

from pathlib import Path

import pytest
import torch

from radtex.compute import onednn
from radtex.compute.onednn import packed_weight, product, speed_of_onednn


@pytest.mark.parametrize(("speed", "faster"), [(2.0, True), (1.1, False), (0.5, False)])
@pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="torch holds no oneDNN")
def test_the_library_must_be_plainly_faster(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, speed: float, faster: bool
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(onednn, "speed_of_onednn", lambda: speed)
    assert onednn.onednn_is_faster.__wrapped__() is faster
    monkeypatch.setattr(onednn, "speed_of_onednn", lambda: 1 / speed)
    assert onednn.onednn_is_faster.__wrapped__() is faster  # what was measured first is kept


def test_without_the_library_it_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.backends.mkldnn.is_available", lambda: False)
    assert onednn.onednn_is_faster.__wrapped__() is False


@pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="torch holds no oneDNN")
def test_a_processor_has_some_speed() -> None:
    assert 0 < speed_of_onednn() < float("inf")


@pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="torch holds no oneDNN")
def test_a_product_is_that_of_torch_packed_or_not() -> None:
    torch.manual_seed(0)
    rows, weight, bias = torch.randn(6, 500), torch.randn(400, 500), torch.randn(400)
    expected = rows @ weight.t() + bias
    for each in (weight, weight.t().contiguous().t(), packed_weight(weight, 6)):
        torch.testing.assert_close(product(rows, each, bias), expected, rtol=1e-4, atol=1e-4)
