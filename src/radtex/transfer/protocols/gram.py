"""Inner products of the studies of many draws, and products with them, a few rows at a time."""

from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from radtex.compute.onednn import onednn_is_faster, packed_weight, product

_WORTH_PACKING = 400  # rows of a matrix from which packing it, and going one by one, pays


def gram_matrix(rows: Tensor) -> Tensor:
    """Inner products (B, n, n) of rows (B, n, D).

    On a CPU NumPy computes one half of each: it sees that both factors are the same.
    """
    if rows.device.type != "cpu":
        return rows @ rows.mT
    gram = rows.new_empty(len(rows), rows.shape[1], rows.shape[1])
    for each, its_rows in zip(gram.numpy(), rows.numpy(), strict=True):
        np.matmul(its_rows, its_rows.T, out=each)
    return gram


def is_narrow(rows: Tensor) -> bool:
    """Tell whether products with rows (B, n, D) cost less than with their inner products.

    The former take 2 n D products for a vector, the latter n².
    """
    return rows.shape[2] <= rows.shape[1] / 2


class Products(Protocol):
    """Multiplies rows with B symmetric matrices, (B, n, n)."""

    def __call__(self, rows: Tensor) -> Tensor:
        """Return the products (B, F, n) of rows (B, F, n) with their matrices."""

    def keep(self, kept: Tensor) -> None:
        """Drop all matrices but those of the mask `kept`, (B,)."""


class FactorProducts:
    """Multiplies with the inner products of more rows than features, which are never formed."""

    def __init__(self, factors: Tensor) -> None:
        """Take the rows (B, n, D)."""
        self._factors = factors

    def __call__(self, rows: Tensor) -> Tensor:
        """Return the products (B, F, n) of rows (B, F, n) with the inner products."""
        return (rows @ self._factors) @ self._factors.mT

    def keep(self, kept: Tensor) -> None:
        """Drop all but those of the mask `kept`, (B,)."""
        self._factors = self._factors[kept]


class SharedProducts:
    """Multiplies the rows of B subsets with one matrix, which all of them share."""

    def __init__(self, of_one: Products) -> None:
        """Take what multiplies with that matrix, as of one subset."""
        self._of_one = of_one

    def __call__(self, rows: Tensor) -> Tensor:
        """Return the products (B, F, n) of rows (B, F, n) with the matrix."""
        return self._of_one(rows.reshape(1, -1, rows.shape[2])).view(rows.shape)

    def keep(self, kept: Tensor) -> None:
        """Keep the matrix: subsets that are dropped do not bring rows again."""


class GramProducts:
    """Multiplies rows with B symmetric matrices, (B, n, n); of which some may be dropped.

    A shallow copy shares them, and keeps those that the other one drops.
    """

    def __init__(self, gram: Tensor) -> None:
        self._gram = gram
        self._packed: list[Tensor] | None = None
        if _suits(gram) and gram.shape[1] >= _WORTH_PACKING:
            self._packed = [packed_weight(each, 8) for each in gram]

    def __call__(self, rows: Tensor) -> Tensor:
        """Return the products (B, F, n) of rows (B, F, n) with their matrices."""
        if self._packed is None:
            return rows @ self._gram
        products = [
            product(its_rows, each) for its_rows, each in zip(rows, self._packed, strict=True)
        ]
        return torch.stack(products)

    def keep(self, kept: Tensor) -> None:
        """Drop all matrices but those of the mask `kept`, (B,)."""
        if self._packed is None:
            self._gram = self._gram[kept]
        else:
            self._packed = [self._packed[place] for place in kept.nonzero()[:, 0].tolist()]


def _suits(matrices: Tensor) -> bool:
    return matrices.device.type == "cpu" and matrices.dtype == torch.float32 and onednn_is_faster()
