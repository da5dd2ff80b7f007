"""Texts are cut into tokens, and their n-grams counted."""

from collections import Counter

from radtex.scoring.ngrams import NGrams, tokenize


def test_words_are_split_from_punctuation_and_numbers_stay_whole() -> None:
    assert tokenize("Tube 1.5 cm above; No change.") == (
        ["tube", "1.5", "cm", "above", ";", "no", "change", "."]
    )


def test_n_grams_are_counted_for_each_order() -> None:
    found = NGrams.of("No effusion, no")
    assert found.length == 4
    assert found.counts[0] == Counter({("no",): 2, ("effusion",): 1, (",",): 1})
    assert found.counts[2] == Counter([("no", "effusion", ","), ("effusion", ",", "no")])
    assert found.counts[3] == Counter([("no", "effusion", ",", "no")])


def test_a_text_shorter_than_the_order_has_none() -> None:
    assert [len(counts) for counts in NGrams.of("clear lungs").counts] == [2, 1, 0, 0]
