import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from radtex.corpus.readings.apply import by_reader, consensus, with_readings
from radtex.corpus.readings.journal import Journal, Readings

NAN = float("nan")


def journal(*readings: Readings) -> Journal:
    return Journal(readings)


def said(reader: str, images: str, values: list[int | None], table: int = 1, **more) -> Readings:
    how = more.pop("chosen_by", [""] * len(images))
    return Readings(table, reader, [*images], {"Edema": values}, how, **more)


@given(st.lists(st.sampled_from([1.0, 0.0, -1.0, NAN]), min_size=1, max_size=7))
def test_most_readers_decide_and_a_tie_is_uncertain(votes: list[float]) -> None:
    (found,) = consensus([np.array([vote], np.float32) for vote in votes])
    counts = {value: votes.count(value) for value in (1.0, 0.0, -1.0)}
    most = max(counts.values())
    leaders = [value for value, count in counts.items() if count == most]
    if most == 0:
        assert np.isnan(found)
    else:
        assert found == (leaders[0] if len(leaders) == 1 else -1)


def test_a_later_table_of_a_reader_goes_before_an_earlier_one() -> None:
    told = journal(
        said("anna", "abc", [1, 0, 1]), said("anna", "bc", [1, None], 2), said("ben", "a", [0], 3)
    )
    found = by_reader(["a", "b", "c", "d"], told)
    np.testing.assert_array_equal(found["anna"]["Edema"], [1, 1, 1, NAN])
    np.testing.assert_array_equal(found["ben"]["Edema"], [0, NAN, NAN, NAN])


def test_a_table_may_replace_all_that_its_reader_said() -> None:
    told = journal(said("anna", "ab", [1, 0]), said("anna", "b", [1], 2, replaces=True))
    np.testing.assert_array_equal(by_reader(["a", "b"], told)["anna"]["Edema"], [NAN, 1])


def test_readers_go_before_the_build_and_images_that_are_gone_are_passed_over() -> None:
    index = pd.DataFrame(
        {"image_id": ["a", "b", "c"], "label.Edema": pd.array([0, None, 1], dtype="Int8")}
    )
    told = journal(said("anna", "abz", [1, 1, 1], chosen_by=["random", "uncertainty", ""]))
    found = with_readings(index, told)
    assert found["label.Edema"].tolist() == [1, 1, 1]
    assert found["label_source.Edema"].tolist() == ["human", "human", "archive"]
    assert found["chosen_by"].tolist() == ["random", "uncertainty", ""]
    assert index["label.Edema"][0] == 0
    assert with_readings(index, Journal(told.readings, frozenset({1}))) is index


def test_a_label_that_the_build_lacks_is_added() -> None:
    index = pd.DataFrame({"image_id": ["a", "b"]})
    found = with_readings(index, journal(said("anna", "b", [-1])))
    assert found["label.Edema"].tolist() == [pd.NA, -1]
    assert str(found["label.Edema"].dtype) == "Int8"
