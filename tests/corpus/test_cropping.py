"""What a crop cut away, as flags and flow say it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radtex.corpus.cropping import Crop, crop_of_flags, crop_of_shape, flag_crops
from radtex.corpus.flow import Flow
from radtex.corpus.record import Record


def record(name: str, *flags: str) -> Record:
    return Record(name, name, name, f"{name}.png", flags=flags)


@pytest.mark.parametrize(
    ("shape", "crop"),
    [
        ((400, 300), Crop(25, "top and bottom")),
        ((300, 400), Crop(25, "left and right")),
        ((3000, 2580), Crop(14, "top and bottom")),
        ((300, 300), None),
        ((1000, 996), None),
        ((1000, 994), Crop(1, "top and bottom")),
        ((1000, 1), Crop(100, "top and bottom")),
    ],
)
def test_a_crop_is_the_share_of_the_area_that_is_cut(shape, crop):
    assert crop_of_shape(shape, "crop") == crop
    assert crop_of_shape(shape, "pad") is None


@given(st.integers(1, 100), st.sampled_from(["top and bottom", "left and right"]))
def test_flags_tell_what_was_cropped(percent, sides):
    crop = Crop(percent, sides)
    assert crop_of_flags(["no report", crop.flag]) == crop
    assert crop_of_flags(["no report", f"not {crop.flag}"]) is None


def test_the_flow_says_how_much_was_lost_and_names_those_that_lost_most():
    records = [record("square"), record("tall", "odd"), record("wide"), record("taller")]
    shapes = [(9, 9), (100, 80), (70, 100), (100, 60)]
    flow = Flow(4)
    kept = flag_crops(records, shapes, "crop", flow)
    assert [each.flags for each in kept] == [
        (),
        ("odd", "20 % cropped at top and bottom"),
        ("30 % cropped at left and right",),
        ("40 % cropped at top and bottom",),
    ]
    (noted,) = [step for step in flow.steps() if step["step"] == "noted"]
    assert noted["reason"] == "cropped: films lost 30 % of their area on average, at most 40 %"
    assert (noted["rows"], noted["examples"]) == (3, ["taller", "wide", "tall"])


def test_nothing_is_said_of_films_that_stay_whole():
    flow = Flow(2)
    records = [record("a"), record("b")]
    assert flag_crops(records, [(9, 9), (100, 80)], "pad", flow) == records
    assert flag_crops([], [], "crop", flow) == []
    assert {step["step"] for step in flow.steps()} == {"in", "kept"}
