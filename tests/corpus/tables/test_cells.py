"""Typed cells as text."""

from datetime import date, datetime, time
from decimal import Decimal

import numpy as np
import pytest

from radtex.corpus.tables.cells import cell_text


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        (float("nan"), ""),
        (1.0, "1"),
        (np.float32(2.0), "2"),
        (58.5, "58.5"),
        (1.2345678901234567e19, "1.2345678901234567e+19"),
        (9007199254740993, "9007199254740993"),
        (Decimal("1.50"), "1.50"),
        (True, "True"),
        (np.bool_(False), "False"),
        (datetime(2024, 3, 1), "2024-03-01"),
        (datetime(2024, 3, 1, 9, 5), "2024-03-01 09:05:00"),
        (date(2024, 3, 1), "2024-03-01"),
        (time(9, 5), "09:05:00"),
        ("007 ", "007 "),
        (b"\xc3\xa9", "é"),
    ],
)
def test_a_cell_becomes_the_text_that_a_csv_would_hold(cell, text):
    assert cell_text(cell) == text
