"""Tokens of denied words, one by one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radtex.models.tokenizer import Tokenizer
from radtex.pretraining.data.denied_tokens import denied_tokens
from radtex.reports.denials import denied_words

TOKENIZER = Tokenizer.train(["no pleural effusion or edema is seen"] * 3, 300)


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("No  Pleural effusion. Edema.", "pleural effusion"),
        ("Effusion, no EDEMA or effusion; effusion", "edema or effusion"),
        ("Kein Erguß. Stauung", "erguß"),
        ("Effusion", ""),
        ("", ""),
    ],
)
def test_the_tokens_of_denied_words(text: str, joined: str) -> None:
    ids = TOKENIZER.encode(text)
    flags = denied_tokens(text, TOKENIZER)
    assert len(flags) == len(ids)
    assert TOKENIZER.decode([i for i, denied in zip(ids, flags, strict=True) if denied]) == joined


@given(st.text(st.sampled_from("no effusion.,éﬁ☃\n"), max_size=40))
def test_equals_a_loop_over_the_places_of_each_token(text: str) -> None:
    inside = {place for span in denied_words(text) for place in range(*span)}
    expected = [end - 1 in inside for end in TOKENIZER.ends(text)]
    assert denied_tokens(text, TOKENIZER).tolist() == expected
