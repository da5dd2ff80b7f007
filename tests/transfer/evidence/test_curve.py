from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from radtex.transfer.evidence.curve import apart, draw_curve


@given(st.lists(st.floats(0, 1), max_size=12).map(sorted))
def test_names_keep_their_order_and_do_not_touch(wanted: list[float]) -> None:
    found = apart(wanted, 0.05)
    assert len(found) == len(wanted)
    assert all(b - a >= 0.05 - 1e-9 for a, b in pairwise(found))


def test_names_that_have_room_stay_and_others_share_their_middle() -> None:
    assert apart([0.1, 0.5, 0.5], 0.1) == pytest.approx([0.1, 0.45, 0.55])


def test_the_curve_is_a_picture(results, tmp_path):
    draw_curve(results, tmp_path / "curve.png")
    with Image.open(tmp_path / "curve.png") as picture:
        assert picture.format == "PNG"
        assert np.asarray(picture.convert("L")).std() > 5
