"""Which questions are refused for a word, and which word is offered in its place."""

import pytest

from radtex.errors import RunError
from radtex.models.tokenizer import Tokenizer
from radtex.models.zero_shot.unknown_words import refuse_unknown_words

TEXTS = ["the azygos lobe is seen. no pneumonia or effusion is seen.", "azygos lobe."] * 20


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.train(TEXTS, 400)


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("pneumnia", "pneumonia"),
        ("pleural effussion", "effusion"),
        ("azygoss lobe", "azygos"),
        ("cardiomegally", "cardiomegaly"),
    ],
)
def test_a_misspelt_word_is_said(tokenizer: Tokenizer, asked: str, meant: str) -> None:
    with pytest.raises(RunError, match=f'did you mean "{meant}"'):
        refuse_unknown_words([asked], tokenizer)


def test_a_word_that_is_like_no_other_is_said(tokenizer: Tokenizer) -> None:
    with pytest.raises(RunError, match=r'"xylophone" is no word .* in other words'):
        refuse_unknown_words(["effusion", "xylophone"], tokenizer)


def test_known_words_are_asked(tokenizer: Tokenizer) -> None:
    labels = ["Pleural_Thickening", "Enlarged Cardiomediastinum", "Edema 0 v 123"]
    words = ["azygos lobe", "pleural effusions", "pneumothoraces", "oedema", "Erguss"]
    refuse_unknown_words([*labels, *words], tokenizer)


def test_a_long_word_ends(tokenizer: Tokenizer) -> None:
    with pytest.raises(RunError, match="no word that this run"):
        refuse_unknown_words(["pneu" * 20_000], tokenizer)
