"""Products by oneDNN, and on which processors they are used."""

from pathlib import Path

import pytest
import torch

from radtex.compute import onednn
from radtex.compute.onednn import packed_weight, product


@pytest.mark.parametrize(
    ("capability", "vendor", "faster"),
    [
        ("AVX512", "vendor_id\t: AuthenticAMD", True),
        ("AVX512", "vendor_id\t: GenuineIntel", False),
        ("AVX2", "vendor_id\t: AuthenticAMD", False),
    ],
)
def test_the_library_is_chosen_by_the_processor(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capability: str, vendor: str, faster: bool
) -> None:
    (tmp_path / "cpuinfo").write_text(vendor)
    monkeypatch.setattr(onednn, "_CPUINFO", tmp_path / "cpuinfo")
    monkeypatch.setattr("torch.backends.cpu.get_cpu_capability", lambda: capability)
    monkeypatch.setattr("torch.backends.mkl.is_available", lambda: True)
    assert onednn.onednn_is_faster.__wrapped__() is faster


@pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="torch holds no oneDNN")
def test_a_product_is_that_of_torch_packed_or_not() -> None:
    torch.manual_seed(0)
    rows, weight, bias = torch.randn(6, 500), torch.randn(400, 500), torch.randn(400)
    expected = rows @ weight.t() + bias
    for each in (weight, weight.t().contiguous().t(), packed_weight(weight, 6)):
        torch.testing.assert_close(product(rows, each, bias), expected, rtol=1e-4, atol=1e-4)
