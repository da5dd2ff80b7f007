"""Grey levels on tables: equalisation, the edges of windows and tables."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from radtex.images.grey_levels import GreyScale, LookupTable, Window, equalize

images = arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=20))


@given(images)
def test_equalisation_sends_each_level_to_the_share_of_pixels_below_or_at_it(image):
    darkest = image.min()
    above = int((image > darkest).sum())
    for level, equalized in zip(image.ravel(), equalize(image).ravel(), strict=True):
        share = int(((image > darkest) & (image <= level)).sum()) / above if above else None
        expected = int(level) if share is None else 255 * share
        assert abs(int(equalized) - expected) <= 0.5001


@given(images)
def test_equalising_keeps_the_order_of_grey_levels(image):
    flat, equalized = image.ravel().astype(int), equalize(image).ravel().astype(int)
    order = np.argsort(flat, kind="stable")
    assert (np.diff(equalized[order]) >= 0).all()


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@given(centre=st.floats(-1e5, 1e5), width=st.floats(1e-3, 1e6))
def test_every_window_rises_from_0_to_1(function, centre, width):
    levels = Window(centre, width, function)(np.arange(-70000.0, 70000, 100))
    assert (levels >= 0).all()
    assert (levels <= 1).all()
    assert (np.diff(levels) >= 0).all()


def test_the_linear_window_has_the_standards_edges():
    values = np.array([-0.5, 0, 0.5, 1022.5, 1023, 1024])  # centre 512, width 1024: from 0 to 1023
    assert Window(512, 1024)(values).tolist() == pytest.approx(
        [0, 0, 0.5 / 1023, 1022.5 / 1023, 1, 1]
    )
    assert Window(512, 1)(np.array([511.0, 512.0])).tolist() == [0, 1]


def test_beyond_its_ends_a_table_goes_on_with_its_last_entries():
    table = LookupTable(10, np.array([3.0, 5.0, 8.0]))
    assert table(np.array([-5.0, 10, 11, 12, 99])).tolist() == [3, 3, 5, 8, 8]


@given(st.integers(2, 16), st.booleans(), st.data())
def test_without_a_window_the_ends_become_black_and_white(bits, signed, data):
    low = -(2 ** (bits - 1)) if signed else 0
    values = data.draw(
        arrays(np.int64, (3, 4), elements=st.integers(low, low + 2**bits - 1), unique=True)
        if bits > 3
        else st.just(np.array([[low, low + 1, low + 2, low + 3]]))
    )
    stored = (values & (2**bits - 1)).astype(np.uint16)
    grey = GreyScale(signed=signed, slope=0.25, intercept=-7).grey(stored, bits)
    expected = 255 * (values - values.min()) / (values.max() - values.min())
    assert np.abs(grey - expected).max() <= 0.5001


def test_an_image_of_padding_alone_is_black():
    stored = np.full((3, 3), 9, dtype=np.uint16)
    assert not GreyScale(padding=(9, 9)).grey(stored, 12).any()
