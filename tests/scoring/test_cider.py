"""CIDEr-D against its definition, written in loops."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radtex.scoring.cider import CiderD, InverseFrequencies, cider_d
from radtex.scoring.ngrams import NGrams

WORDS = st.sampled_from(["no", "effusion", "pneumothorax", ".", "left", "small"])
TEXTS = st.lists(WORDS, max_size=10).map(" ".join)


def naive_cider_d(text: str, reference: str, references: list[str]) -> float:
    """Vedantam and others 2015, equations 2 to 4 with the changes of section 5 (CIDEr-D)."""

    def grams(of: str, n: int) -> list[tuple[str, ...]]:
        words = of.split()
        return [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]

    total = 0.0
    for n in (1, 2, 3, 4):
        vocabulary = sorted({g for t in (text, *references) for g in grams(t, n)})
        weights = []
        for gram in vocabulary:
            having = sum(gram in grams(known, n) for known in references)
            weights.append(math.log(len(references) / max(1, having)))
        h = [grams(text, n).count(g) * w for g, w in zip(vocabulary, weights, strict=True)]
        r = [grams(reference, n).count(g) * w for g, w in zip(vocabulary, weights, strict=True)]
        product = sum(min(x, y) * y for x, y in zip(h, r, strict=True))
        lengths = math.sqrt(sum(x * x for x in h)) * math.sqrt(sum(y * y for y in r))
        if lengths:
            total += product / lengths
    gap = len(text.split()) - len(reference.split())
    return 10 * total / 4 * math.exp(-(gap**2) / (2 * 6.0**2))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=5))
def test_score_is_that_of_the_definition(pairs: list[tuple[str, str]]) -> None:
    references = [reference for _, reference in pairs]
    rarity = InverseFrequencies([NGrams.of(reference) for reference in references])
    for text, reference in pairs:
        assert cider_d(NGrams.of(text), NGrams.of(reference), rarity) == pytest.approx(
            naive_cider_d(text, reference, references), abs=1e-9
        )


def test_a_perfect_report_of_enough_rare_words_scores_ten() -> None:
    references = [NGrams.of("small left effusion seen"), NGrams.of("no acute process today")]
    rarity = InverseFrequencies(references)
    assert cider_d(references[0], references[0], rarity) == pytest.approx(10)


def test_the_score_takes_rarity_from_the_references() -> None:
    references = ["small left effusion", "no left effusion", "no effusion"]
    texts = ["left effusion", "no effusion", "small"]
    assert CiderD().of_reports(texts, references) == [
        pytest.approx(naive_cider_d(text, reference, references))
        for text, reference in zip(texts, references, strict=True)
    ]
