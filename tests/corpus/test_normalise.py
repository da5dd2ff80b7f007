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
        ("PA LLD", "OTHER"),
        ("UNK", ""),
        ("Chest PA", "PA"),
        ("-", ""),
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
    ("cell", "sex"),
    [
        ("F", "F"),
        ("male", "M"),
        (" Female ", "F"),
        ("O", ""),
        ("", ""),
        ("w", "F"),
        ("MÄNNLICH", "M"),
    ],
)
def test_sexes(cell, sex):
    assert normalise.sex(cell) == sex


@pytest.mark.parametrize(
    ("cell", "age", "flagged"),
    [
        ("63", 63, False),
        ("63.0", 63, False),
        ("58,5", 58.5, False),
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
    ("cell", "label"),
    [
        ("1", 1), ("1.0", 1), ("1,0", 1), ("0.0", 0), ("-1", -1), ("-1.0", -1), ("−1", -1),
        ("Yes", 1), (" y ", 1), ("TRUE", 1), ("T", 1), ("Present", 1), ("positive", 1), ("Ja", 1),
        ("WAHR", 1), ("Sí", 1), ("VERDADERO", 1), ("oui", 1),
        ("No", 0), ("N", 0), ("False", 0), ("absent", 0), ("NEGATIVE", 0), ("nein", 0), ("FAUX", 0),
        ("uncertain", -1), ("Maybe", -1), ("equivocal", -1), ("possible", -1), ("u", -1),
        ("Unklar", -1), ("not present", 0),
        (" ", None), ("?", None), ("N/A", None), ("-", None), ("unknown", None),
    ],
)  # fmt: skip
def test_labels(cell, label):
    assert normalise.label(cell) == label


@pytest.mark.parametrize(
    ("cell", "kind"),
    [("2", "another number"), ("nan0", "another word"), ("0.5", "another number"),
     ("small", "another word"), ("mild edema", "several words"), ("inf", "another number")],
)  # fmt: skip
def test_a_strange_label_is_refused_by_its_kind_and_not_shown(cell, kind):
    with pytest.raises(CorpusError, match=f"yes, no and blank, but {kind}$"):
        normalise.label(cell)


@given(st.one_of(st.floats().map(str), st.text()))
def test_a_label_is_one_of_four_or_refused(cell):
    try:
        value = normalise.label(cell)
    except CorpusError:
        assert cell.strip() not in {"1", "0", "-1", "", "yes", "no"}
    else:
        assert value in (1, 0, -1, None)
        assert (value is None) == normalise.is_unknown(cell)


@pytest.mark.parametrize("cell", ["nan", " NULL ", "None", "N/A", "n.a.", "-", ".", "--", "?", ""])
def test_what_states_nothing_is_no_text(cell):
    assert normalise.text(cell) == ""


@pytest.mark.parametrize("cell", ["None.", "No effusion", "n", "nan lungs", "Normal"])
def test_words_are_text(cell):
    assert normalise.text(f" {cell} ") == cell


@pytest.mark.parametrize(
    ("cell", "split"), [("Train", "train"), ("val", "validate"), ("dev", "validate"), ("x", "")]
)
def test_splits(cell, split):
    assert normalise.split(cell) == split
