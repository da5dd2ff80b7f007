import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from radtex.models.tokenizer import END, PAD, START, Tokenizer
from radtex.pretraining.data.captions import Captions

TOKENIZER = Tokenizer.train(["the heart is normal", "the lungs are clear"] * 3, 300)
WORDS = st.lists(st.sampled_from(["heart", "lungs", "clear", "normal"]), max_size=12)


@given(st.lists(WORDS, min_size=1, max_size=5), st.integers(3, 30))
def test_streams_hold_the_text_from_either_end(texts: list[list[str]], max_tokens: int) -> None:
    texts = [" ".join(words) for words in texts]
    captions = Captions(texts, TOKENIZER, max_tokens)
    rows = np.arange(len(texts))
    for backward in (False, True):
        streams = captions.streams(rows, backward)
        for row, text in enumerate(texts):
            tokens = TOKENIZER.encode(text)[:: -1 if backward else 1]
            stream = streams[row].tolist()
            length = captions.lengths[row]
            assert stream[0] == START
            assert stream[1 : length + 1] == [*tokens, END][:length]
            assert all(token == PAD for token in stream[length + 1 :])


def test_a_cut_text_is_never_said_to_end() -> None:
    """VirTex cuts the text and turns it, so its backward stream starts mid-sentence, unmarked."""
    tokens = TOKENIZER.encode("the heart is normal the lungs are clear")
    captions = Captions(["the heart is normal the lungs are clear"], TOKENIZER, 4)
    forward, backward = (captions.streams(np.array([0]), b)[0].tolist() for b in (False, True))
    assert forward == [START, *tokens[:4]]
    assert backward == [START, *tokens[::-1][:4]]
    assert END not in forward + backward


def test_a_text_that_just_fits_ends() -> None:
    text = "the lungs are clear"
    captions = Captions([text], TOKENIZER, len(TOKENIZER.encode(text)) + 1)
    assert captions.streams(np.array([0]), backward=False)[0, -1] == END
    assert captions.lengths[0] == captions.max_tokens


def test_a_report_of_fifty_thousand_characters_is_cut_to_the_context() -> None:
    captions = Captions(["no effusion " * 4200], TOKENIZER, 16)
    assert captions.streams(np.array([0]), backward=True).shape == torch.Size([1, 17])
