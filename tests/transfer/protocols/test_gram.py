import copy

import pytest
import torch

from radtex.transfer.protocols import gram as module
from radtex.transfer.protocols.gram import (
    FactorProducts,
    GramProducts,
    SharedProducts,
    gram_matrix,
    is_narrow,
)


@pytest.fixture(params=[False, True], ids=["MKL", "oneDNN"])
def _library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param and not torch.backends.mkldnn.is_available():
        pytest.skip("torch holds no oneDNN")
    monkeypatch.setattr(module, "onednn_is_faster", lambda: request.param)


def rows_of(count: int, dtype: torch.dtype) -> torch.Tensor:
    return torch.randn(3, count, 9, generator=torch.Generator().manual_seed(0)).to(dtype)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("count", [5, 391])
def test_a_gram_matrix_is_the_whole_product(count: int, dtype: torch.dtype) -> None:
    z = rows_of(count, dtype)
    gram = gram_matrix(z)
    assert gram.dtype == dtype
    assert torch.equal(gram, gram.mT)
    torch.testing.assert_close(gram, z @ z.mT, rtol=1e-4, atol=1e-4)


@pytest.mark.usefixtures("_library")
@pytest.mark.parametrize("count", [10, module._WORTH_PACKING + 1])
def test_products_go_on_with_the_matrices_that_are_kept(count: int) -> None:
    gram = gram_matrix(rows_of(count, torch.float32))
    rows = torch.randn(3, 4, count, generator=torch.Generator().manual_seed(1))
    products = GramProducts(gram)
    torch.testing.assert_close(products(rows), rows @ gram, rtol=1e-4, atol=1e-2)
    for kept in (torch.tensor([True, False, True]), torch.tensor([False, True])):
        products.keep(kept)
        gram, rows = gram[kept], rows[kept]
        torch.testing.assert_close(products(rows), rows @ gram, rtol=1e-4, atol=1e-2)


def test_factors_multiply_as_the_inner_products_that_they_never_form():
    rows, vectors = torch.randn(3, 50, 8), torch.randn(3, 2, 50)
    products, expected = FactorProducts(rows), vectors @ (rows @ rows.mT)
    torch.testing.assert_close(products(vectors), expected, rtol=1e-4, atol=1e-4)
    products.keep(torch.tensor([True, False, True]))
    torch.testing.assert_close(products(vectors[[0, 2]]), expected[[0, 2]], rtol=1e-4, atol=1e-4)


@pytest.mark.usefixtures("_library")
@pytest.mark.parametrize("count", [10, module._WORTH_PACKING + 1])
def test_a_copy_keeps_what_the_other_drops(count: int) -> None:
    gram = gram_matrix(rows_of(count, torch.float32))
    rows = torch.randn(3, 4, count, generator=torch.Generator().manual_seed(1))
    products = GramProducts(gram)
    expected = products(rows)
    copy.copy(products).keep(torch.tensor([True, False, False]))
    assert torch.equal(products(rows), expected)


@pytest.mark.parametrize("width", [3, 30])
def test_subsets_share_one_matrix(width: int) -> None:
    rows, vectors = torch.randn(1, 20, width), torch.randn(3, 4, 20)
    assert is_narrow(rows) == (width == 3)
    expected = vectors @ (rows @ rows.mT)
    for of_one in (FactorProducts(rows), GramProducts(gram_matrix(rows))):
        products = SharedProducts(of_one)
        torch.testing.assert_close(products(vectors), expected, rtol=1e-4, atol=1e-4)
        products.keep(torch.tensor([True, False, True]))
        torch.testing.assert_close(products(vectors[1:]), expected[1:], rtol=1e-4, atol=1e-4)
