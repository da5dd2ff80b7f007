"""Ids as they survive spreadsheets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radtex.corpus.joining.ids import folded, is_rounded, unpadded, written


@pytest.mark.parametrize(
    ("cell", "value"),
    [(" 0012\t", "0012"), ('="0012"', "0012"), ("'0012", "0012"), ("\ufeffA1\0", "A1"), ("", "")],
)
def test_spaces_and_the_marks_of_text_are_no_part_of_an_id(cell, value):
    assert written(cell) == value


def test_case_and_spaces_fold():
    assert folded(" Acc 12B\u00a0") == "acc12b"


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("0012", "12"),
        ("12.0", "12"),
        ("12.50", "12.50"),
        ("1.2E+1", "12"),
        ("1.20e+01", "12"),
        ("1,2E+01", "12"),
        ("12,0", "12"),
        ("\uff11\uff12", "12"),
        ("1.25E+1", "1.25e+1"),
        ("1.23457E+11", "1.23457e+11"),
        ("000", "0"),
        ("A012", "a012"),
        ("1.2.840.0", "1.2.840.0"),
        ("", ""),
    ],
)
def test_a_number_is_the_same_without_zeros_and_decimals(cell, value):
    assert unpadded(cell) == value


@given(st.integers(0, 10**12), st.integers(0, 6))
def test_what_a_spreadsheet_does_to_a_number_is_undone(number, zeros):
    assert unpadded("0" * zeros + str(number)) == unpadded(f"{number}.0") == str(number)


def test_a_number_whose_last_digits_are_lost_is_rounded():
    assert is_rounded("1.23457E+11")
    assert not is_rounded("1.2E+1")
    assert not is_rounded("123457000000")


def test_an_id_of_a_megabyte_is_read_in_linear_time():
    assert unpadded("1" * 10**6 + "x").endswith("x")
    assert not is_rounded("1." + "0" * 10**6)
