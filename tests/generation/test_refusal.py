"""Which texts are refused: of a vocabulary that is learnt here."""

import numpy as np
import pytest

from radtex.findings import CHEXPERT_LABELS
from radtex.generation.refusal import Refusal, sentence_ends, written_language
from radtex.models.tokenizer import Tokenizer

ENGLISH = [
    "there is a moderate right pleural effusion. no pneumothorax is seen.",
    "no pleural effusion. the heart is enlarged; the lungs are clear.",
] * 10
GERMAN = ["kein pleuraerguss rechts. das herz ist nicht verbreitert.", "die lunge ist frei."] * 10


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.train(ENGLISH, 420)


def test_sentences_end_with_stops(tokenizer: Tokenizer) -> None:
    ends = sentence_ends(tokenizer)
    assert [token in ends for token in tokenizer.encode("effusion.")][-1]
    assert not any(token in ends for token in tokenizer.encode("no pleural effusion, heart"))


def test_the_language_is_that_of_the_vocabulary(tokenizer: Tokenizer) -> None:
    assert written_language(tokenizer) == "english"
    assert written_language(Tokenizer.train(GERMAN, 420)) == "german"
    assert written_language(Tokenizer.train(["xyzzy"] * 10, 300)) is None


def test_contradictions_are_refused(tokenizer: Tokenizer) -> None:
    refuses = Refusal(tokenizer, "english")
    assert refuses(0, tuple(tokenizer.encode("no effusion. there is an effusion.")))
    assert not refuses(0, tuple(tokenizer.encode("no left effusion. right effusion.")))


def test_what_a_head_leans_far_from_is_refused(tokenizer: Tokenizer) -> None:
    leanings = np.zeros((2, 14))
    leanings[:, CHEXPERT_LABELS.index("Pleural Effusion")] = [3.0, -3.0]
    refuses = Refusal(tokenizer, "english", leanings, 2.0)
    affirmed, denied = (
        tuple(tokenizer.encode(text)) for text in ("there is an effusion.", "no effusion.")
    )
    assert [refuses(0, affirmed), refuses(0, denied)] == [False, True]
    assert [refuses(1, affirmed), refuses(1, denied)] == [True, False]
    assert not Refusal(tokenizer, "english", leanings, 4.0)(0, denied)
    assert not Refusal(tokenizer, "english", leanings)(0, denied)
