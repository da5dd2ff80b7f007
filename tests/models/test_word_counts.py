"""Words are counted by occurrence and by patient, in the form that the tokenizer cuts."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radtex.models.word_counts import WordCounts

TEXTS = ["The heart is large.", "the heart,heart", "Häuschen in 2008", "HAUSCHEN"]
PATIENTS = ["a", "b", "a", "b"]


def test_words_are_counted_with_their_space_and_patients_without() -> None:
    words = WordCounts.of_texts(TEXTS, PATIENTS)
    assert words.occurrences["Ġheart"] == 2
    assert words.occurrences["heart"] == 1
    assert words.patients["heart"] == words.patients["the"] == words.patients["hauschen"] == 2
    assert words.patients["large"] == words.patients["2008"] == 1
    assert words.running == sum(words.occurrences.values()) == 13


def test_many_texts_of_one_patient_are_one_patient() -> None:
    words = WordCounts.of_texts(["Zbigniew"] * 100 + ["the heart"], ["a"] * 100 + ["b"])
    assert words.occurrences["Ġzbigniew"] == 100
    assert words.patients == {"zbigniew": 1, "the": 1, "heart": 1}


@pytest.mark.parametrize(("least", "left"), [(1, 9), (2, 3), (3, 0)])
def test_rare_words_are_left_out(least: int, left: int) -> None:
    words = WordCounts.of_texts(TEXTS, PATIENTS).of_at_least(least)
    assert len(words.patients) == left
    assert {word.lstrip("Ġ") for word in words.occurrences} == set(words.patients)
    assert all(count >= least for count in words.patients.values())


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(TEXTS)), max_size=20))
def test_the_order_of_texts_changes_nothing(owned: list[tuple[str, str]]) -> None:
    patients, texts = [one for one, _ in owned], [text for _, text in owned]
    found = WordCounts.of_texts(texts, patients)
    naive: Counter[str] = Counter()
    for word in found.patients:
        naive[word] = len(
            {
                patient
                for patient, text in owned
                if word in WordCounts.of_texts([text], ["x"]).patients
            }
        )
    assert found.patients == naive
    assert found == WordCounts.of_texts(texts[::-1], patients[::-1])


def test_without_texts_there_are_no_words() -> None:
    assert WordCounts.of_texts([], []).running == 0
