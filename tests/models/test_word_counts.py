"""Words are counted by occurrence and by patient, in the form that the tokenizer cuts."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radtex.models.word_counts import CUTTER, NORMALIZER, WordCounts, pieces_of

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


@given(st.lists(st.text(st.sampled_from("ab1,'\u00a8\u0301\u00bd\u00a0 \n\t"), max_size=12)))
def test_texts_that_are_cut_in_pieces_give_the_words_of_whole_ones(texts: list[str]) -> None:
    texts += [" ".join(text.split()) for text in texts]
    cut = [CUTTER.pre_tokenize_str(NORMALIZER.normalize_str(text)) for text in texts]
    found = WordCounts.of_texts(texts, map(str, range(len(texts))))
    assert found.occurrences == Counter(word for words in cut for word, _ in words)
    bare = ({word.lstrip("Ġ") for word, _ in words} for words in cut)
    assert found.patients == Counter(word for words in bare for word in words)


def test_pieces_end_at_single_spaces_alone() -> None:
    assert pieces_of("The heart, 2.5 cm") == ["the", "heart,", "2.5", "cm"]
    for text in ("the  heart", " heart", "a\nb c", ""):
        assert pieces_of(text) == [text]
