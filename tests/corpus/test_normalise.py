"""Spellings of cells."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radtex.corpus import normalise
from radtex.errors import CorpusError


@pytest.mark.parametrize(
    ("cell", "view"),
    [
        ("PA", "PA"),
        ("AP Supine", "AP"),
        ("ap_horizontal", "AP"),
        ("PA LLD", "PA"),
        ("AP AXIAL", "AP"),
        ("L", "LATERAL"),
        ("LL", "LATERAL"),
        ("Lateral", "LATERAL"),
        ("XTABLE LATERAL", "LATERAL"),
        ("Frontal", ""),
        ("", ""),
        ("?", ""),
        ("nan", ""),
        ("Axial", "OTHER"),
        ("Coronal", "OTHER"),
        ("LAO", "OTHER"),
    ],
)
def test_views(cell, view):
    assert normalise.view(cell) == view


@pytest.mark.parametrize(
    ("cell", "sex"), [("F", "F"), ("male", "M"), (" Female ", "F"), ("O", ""), ("", "")]
)
def test_sexes(cell, sex):
    assert normalise.sex(cell) == sex


@pytest.mark.parametrize(
    ("cell", "age", "flagged"),
    [
        ("63", 63, False),
        ("63.0", 63, False),
        ("058Y", 58, False),
        ("018M", 1.5, False),
        ("414", None, True),
        ("old", None, True),
        ("-3", None, True),
        ("", None, False),
        ("nan", None, False),
    ],
)
def test_ages(cell, age, flagged):
    assert normalise.age(cell) == age
    assert bool(normalise.age_flags(cell)) == flagged


def test_weeks_and_days_are_parts_of_a_year():
    assert normalise.age("052W") == pytest.approx(1, abs=0.01)
    assert normalise.age("365D") == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(
    ("cell", "label"), [("1", 1), ("1.0", 1), ("0.0", 0), ("-1", -1), ("-1.0", -1), (" ", None)]
)
def test_labels(cell, label):
    assert normalise.label(cell) == label


@given(st.one_of(st.floats().map(str), st.text()))
def test_a_label_is_one_of_four_or_refused(cell):
    try:
        value = normalise.label(cell)
    except CorpusError:
        assert cell.strip() not in {"1", "0", "-1", ""}
    else:
        assert normalise.is_unknown(cell) if value is None else float(cell) == value


@pytest.mark.parametrize(
    ("cell", "split"), [("Train", "train"), ("val", "validate"), ("dev", "validate"), ("x", "")]
)
def test_splits(cell, split):
    assert normalise.split(cell) == split
