"""Several readers and their majority."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radtex.corpus.readings import majority, readings_of_boxes
from radtex.errors import CorpusError


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=5))
def test_a_finding_is_present_where_more_than_half_of_the_readers_saw_it(votes):
    readings = [
        {"image_id": "i", "rad_id": f"R{number}", "Mass": str(int(mass)), "Edema": str(int(edema))}
        for number, (mass, edema) in enumerate(votes)
    ]
    assert majority(readings) == {
        "Mass": int(sum(mass for mass, _ in votes) > len(votes) / 2),
        "Edema": int(sum(edema for _, edema in votes) > len(votes) / 2),
    }


def test_no_reading_says_nothing_and_a_strange_one_is_refused():
    assert majority([]) == {}
    with pytest.raises(CorpusError, match="none of 1, 0, −1 and blank"):
        majority([{"image_id": "i", "Mass": "2"}])


def test_a_reader_of_several_boxes_has_one_vote():
    drawn = {
        "a": [
            {"rad_id": "R1", "class_name": "Mass"},
            {"rad_id": "R1", "class_name": "Mass"},
            {"rad_id": "R2", "class_name": "Edema"},
        ],
        "b": [{"rad_id": "R1", "class_name": "Edema"}],
    }
    assert readings_of_boxes(drawn) == {
        "a": [{"Edema": "0", "Mass": "1"}, {"Edema": "1", "Mass": "0"}],
        "b": [{"Edema": "1", "Mass": "0"}],
    }
