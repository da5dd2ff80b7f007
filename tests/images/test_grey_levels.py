"""Grey levels on tables: equalisation, the edges of windows and tables."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from radtex.images.grey_levels import GreyScale, LookupTable, Window, equalize
from radtex.images.pixel_samples import UnreadImageError

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


@pytest.mark.parametrize("voi", [None, Window(5, 10)])
def test_an_image_of_padding_alone_is_refused(voi):
    stored = np.full((3, 3), 9, dtype=np.uint16)
    with pytest.raises(UnreadImageError, match=r"padding alone .* PixelPaddingValue"):
        GreyScale(padding=(9, 9), voi=voi).grey(stored, 12)


def padded(stated: tuple[int, int], bits: int, signed: bool) -> list[int]:
    """The values, of all that there are, that become black as padding."""
    stored = np.arange(2**bits, dtype=np.uint16).reshape(-1, 16)
    # Inverted, and with a window that leaves 1 of 255 to what is darkest: only padding is 0.
    scale = GreyScale(signed=signed, padding=stated, inverted=True, voi=Window(0, 2.2e5, "SIGMOID"))
    sign = 2 ** (bits - 1) if signed else 0
    grey = scale.grey(stored, bits).ravel()
    return sorted(((np.flatnonzero(grey == 0) ^ sign) - sign).tolist())


@pytest.mark.parametrize(
    ("stated", "bits", "signed", "expected"),
    [
        ((32768, 32768), 16, True, [-32768]),
        ((63536, 63536), 16, True, [-2000]),
        ((63536, 63536), 12, True, [-2000]),
        ((2048, 2048), 12, True, [-2048]),
        ((2096, 2096), 12, True, [-2000]),
        ((-2000, -2000), 16, False, [63536]),
        ((-1, -1), 16, False, [65535]),
        ((-2000, -2000), 16, True, [-2000]),
        ((100, 100), 12, True, [100]),
        ((63536, 63538), 16, True, [-2000, -1999, -1998]),
        ((-2, -1), 16, False, [65534, 65535]),
        ((3, 65534), 16, True, [-2, -1, 0, 1, 2, 3]),
        ((-2000, 2), 12, False, [0, 1, 2]),
        ((-2000, 2), 16, False, [0, 1, 2]),
        ((65535, 65535), 12, False, []),
        ((-2000, -2000), 12, False, []),
    ],
)
def test_padding_is_read_with_either_sign(stated, bits, signed, expected):
    assert padded(stated, bits, signed) == expected


def film(lowest: int, highest: int) -> np.ndarray:
    return np.linspace(lowest, highest, 1000).astype(np.uint16).reshape(20, 50)


@pytest.mark.parametrize(
    "voi",
    [
        *(Window(20000, 100, function) for function in ("LINEAR", "LINEAR_EXACT", "SIGMOID")),
        *(Window(-900, 100), Window(4050, 50), Window(2000, 1), Window(2000, 0.5)),
        LookupTable(5000, np.linspace(0, 1, 100)),
    ],
)
@pytest.mark.parametrize("padding", [None, (0, 0)])
def test_a_window_that_shows_nothing_is_refused_by_its_elements(voi, padding):
    stored = film(100, 3900)
    if padding:
        stored[:5] = 0
    with pytest.raises(UnreadImageError) as refusal:
        GreyScale(voi=voi, padding=padding).grey(stored, 12)
    table = isinstance(voi, LookupTable)
    assert ("VOILUTSequence" if table else "(WindowCenter, WindowWidth)") in str(refusal.value)
    GreyScale(voi=voi).grey(stored, 12, "equalize")


@pytest.mark.parametrize(
    "voi", [Window(2000, 3999), Window(2000, 100), Window(100, 90), LookupTable(0, np.ones(4096))]
)
def test_a_window_that_shows_a_part_is_taken(voi):
    stored = film(100, 3900)
    expected = np.rint(255 * voi(stored.astype(float)))
    np.testing.assert_array_equal(GreyScale(voi=voi).grey(stored, 12), expected)


def test_a_window_over_few_pixels_of_a_large_film_is_found_by_counting_all():
    """The sparse sample may miss the rows in which they lie."""
    stored = np.zeros((1024, 1024), dtype=np.uint16)
    stored[1::4] = film(100, 3900).ravel()[:1].repeat(1024)
    grey = GreyScale(voi=Window(100, 20, "LINEAR_EXACT")).grey(stored, 12)
    assert set(np.unique(grey)) == {0, 128}


@pytest.mark.parametrize(("first", "true"), [(63536, -2000), (-2000, -2000), (65535, -1), (0, 0)])
def test_the_first_input_of_a_table_takes_the_sign_of_the_values(first, true):
    table = LookupTable(first, np.arange(100.0))
    assert table.placed(np.arange(true, true + 90.0)).first == true


def test_a_table_that_fits_no_value_stays_where_it_is():
    assert LookupTable(5000, np.arange(10.0)).placed(np.array([1.0, 2.0])).first == 5000
