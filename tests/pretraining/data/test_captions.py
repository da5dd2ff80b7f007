"""Token streams: their ends, their order, and the texts of a corpus in them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from radtex.corpus.corpus import Corpus
from radtex.models.tokenizer import END, PAD, START, Tokenizer
from radtex.pretraining.data.captions import Captions
from radtex.pretraining.data.denied_tokens import denied_tokens
from radtex.pretraining.data.text_options import TextOptions

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


SHORT = TextOptions(vocabulary=400, max_tokens=200)


def test_shuffled_reports_stay_in_their_split_and_leave_their_images(
    phantom_corpus: Corpus, tmp_path: Path
) -> None:
    def lengths(options: TextOptions) -> NDArray[np.int64]:
        kept = tmp_path / "none.json"
        return Captions.of_corpus(options, phantom_corpus, False, 0, kept).lengths

    own, dealt = lengths(SHORT), lengths(replace(SHORT, shuffle_reports=True))
    for split in ("train", "validate", "test"):
        rows = phantom_corpus.rows(split)
        assert sorted(own[rows]) == sorted(dealt[rows])
    train = phantom_corpus.rows("train")
    assert (own[train] != dealt[train]).mean() > 0.5


def test_the_tokenizer_is_the_kept_one_else_the_named_one_else_trained_on_the_corpus(
    phantom_corpus: Corpus, tmp_path: Path
) -> None:
    kept, named = tmp_path / "kept.json", tmp_path / "named.json"
    Tokenizer.train(["clear lungs"], 261).save(named)

    def vocabulary(options: TextOptions) -> int:
        return len(Captions.of_corpus(options, phantom_corpus, False, 0, kept).tokenizer)

    assert vocabulary(SHORT) == 400
    assert vocabulary(replace(SHORT, tokenizer=str(named))) == 261
    Tokenizer.train(["clear lungs"], 262).save(kept)
    assert vocabulary(replace(SHORT, tokenizer=str(named))) == 262


@pytest.mark.parametrize(
    ("mirrored", "policy", "blocks", "texts"),
    [
        (False, "full", 1, 1),
        (True, "full", 2, 1),
        (False, "sampled", 6, 3),
        (True, "sampled", 6, 3),
    ],
)
def test_there_are_captions_of_every_sample(
    phantom_corpus: Corpus, tmp_path: Path, mirrored: bool, policy, blocks: int, texts: int
) -> None:
    options = replace(SHORT, text_policy=policy)
    captions = Captions.of_corpus(options, phantom_corpus, mirrored, 0, tmp_path / "none.json")
    assert len(captions.lengths) == blocks * len(phantom_corpus.images)
    assert captions.texts_per_row == texts


@given(st.lists(st.sampled_from(["no heart", "clear lungs", "no edema"]), max_size=6))
def test_the_classes_of_a_cut_text_are_its_tokens_and_v_more_where_denied(parts: list[str]) -> None:
    text = ". ".join(parts)
    tokens, size = TOKENIZER.encode(text), len(TOKENIZER)
    plain = Captions([text, "the lungs are clear"], TOKENIZER, 9)
    told = Captions([text, "the lungs are clear"], TOKENIZER, 9, assertions=True)
    rows = np.arange(2)
    assert torch.equal(plain.classes(rows), plain.streams(rows, backward=False))
    assert (plain.class_count, told.class_count) == (size, 2 * size)
    classes = told.classes(rows)
    assert torch.equal(classes % size, plain.classes(rows))
    denied = denied_tokens(text, TOKENIZER).tolist()[:9]
    found = (classes[0, 1 : 1 + len(denied)] >= size).tolist()
    assert found == denied[: len(tokens)]
    assert (classes[1] < size).all()
    assert (classes[0, 1 + len(denied) :] < size).all()
