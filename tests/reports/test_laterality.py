"""Left and right exchanged in reports."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radtex.reports.laterality import swap_sides

PAIRS = [
    ("small left effusion", "small right effusion"),
    ("Left-sided port. Right lung clear.", "Right-sided port. Left lung clear."),
    ("LEFT BASE, leftward shift, rightmost rib", "RIGHT BASE, rightward shift, leftmost rib"),
    ("left,right;left", "right,left;right"),
    ("left-to-right", "right-to-left"),
    ("RUL and LLL opacity, RML collapse", "LUL and RLL opacity, LML collapse"),
    ("mild dextroscoliosis", "mild levoscoliosis"),
    ("Levo-convex curve", "Dextro-convex curve"),
    ("L lung base", "R lung base"),
    ("R PICC, L apical pneumothorax", "L PICC, R apical pneumothorax"),
    ("effusions L > R", "effusions R > L"),
    ("effusions R<L.", "effusions L<R."),
]
UNTOUCHED = [
    "cleft bright upright outright copyright leftover lefty righteous",
    "L1 and T12; drained 2 L pleural fluid; on 1.5 L chest tube",
    "RA, LAD, RLQ, LULX, ARUL, levofloxacin, dextrose, R. Smith",
    "lEFT rIGHT",
    "",
]


@pytest.mark.parametrize(("text", "mirrored"), PAIRS)
def test_sides_are_exchanged_both_ways(text: str, mirrored: str) -> None:
    assert swap_sides(text) == mirrored
    assert swap_sides(mirrored) == text


@pytest.mark.parametrize("text", UNTOUCHED)
def test_what_may_mean_something_else_stays(text: str) -> None:
    assert swap_sides(text) == text


PIECES = st.sampled_from(
    [*(word for pair in PAIRS for text in pair for word in text.split()), *" LR<>.-12_é", "left"]
)


@given(st.lists(PIECES, max_size=12).map("".join), st.lists(PIECES, max_size=12).map(" ".join))
def test_twice_gives_the_text_back(tight: str, loose: str) -> None:
    for text in (tight, loose):
        assert swap_sides(swap_sides(text)) == text
