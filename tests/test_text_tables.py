"""Tables of text, and numbers with their intervals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radtex.statistics.intervals import Estimate
from radtex.text_tables import aligned, p_value, signed_with_interval, with_interval


def tables(columns: int) -> st.SearchStrategy[list[list[str]]]:
    cell = st.text("abc-", min_size=1, max_size=6)
    return st.lists(st.lists(cell, min_size=columns, max_size=columns), min_size=1)


@given(st.integers(1, 4).flatmap(tables))
def test_each_column_begins_at_one_place_and_no_line_ends_in_blanks(rows):
    lines = aligned(rows).split("\n")
    assert [line.split() for line in lines] == rows
    assert all(line == line.rstrip() for line in lines)
    starts = [0]
    for column in list(zip(*rows, strict=True))[:-1]:
        starts.append(starts[-1] + max(map(len, column)) + 2)
    for line, row in zip(lines, rows, strict=True):
        assert all(line[at:].startswith(word) for at, word in zip(starts, row, strict=True))


def test_numbers_carry_their_intervals():
    assert with_interval(Estimate(0.724, 0.687, 0.751, 0.01)) == "0.72 [0.69, 0.75]"
    assert signed_with_interval(Estimate(0.031, -0.0104, 0.052, 0.2)) == "+0.031 [-0.010, +0.052]"


@pytest.mark.parametrize(
    ("p", "words"), [(1.0, "1.000"), (0.0421, "0.042"), (0.001, "0.001"), (0.00099, "< 0.001")]
)
def test_a_p_value_is_never_nought(p, words):
    assert p_value(p) == words
