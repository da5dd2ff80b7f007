"""Tokenizer files of other makers, numbered anew."""

import json
from pathlib import Path

import pytest
from tokenizers import Tokenizer as AnyTokenizer
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors, trainers

from radtex.errors import RecipeError
from radtex.models.adopted_tokenizer import adopt_tokenizer
from radtex.models.tokenizer import END, MASK, PAD, SPECIAL, START, Tokenizer

TEXTS = ["the heart is normal in size", "no pleural effusion", "the lungs are clear"]
BERT = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def wordpiece() -> AnyTokenizer:
    """As BERT's: lower case, its own special tokens, added around each text."""
    tokenizer = AnyTokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.train_from_iterator(
        TEXTS, trainers.WordPieceTrainer(vocab_size=80, special_tokens=BERT, show_progress=False)
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.enable_truncation(4)
    tokenizer.enable_padding(length=20)
    return tokenizer


def unigram() -> AnyTokenizer:
    """As T5's: padding, end and unknown among the pieces."""
    tokenizer = AnyTokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    special = ["<pad>", "</s>", "<unk>"]
    tokenizer.train_from_iterator(
        TEXTS * 5,
        trainers.UnigramTrainer(
            vocab_size=60, special_tokens=special, unk_token="<unk>", show_progress=False
        ),
    )
    return tokenizer


def bpe() -> AnyTokenizer:
    """As GPT-2's, without a special token; and with "<mask>" added at its end."""
    tokenizer = AnyTokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(
        TEXTS,
        trainers.BpeTrainer(vocab_size=300, initial_alphabet=alphabet, show_progress=False),
    )
    tokenizer.add_special_tokens(["<mask>"])
    return tokenizer


def wordlevel() -> AnyTokenizer:
    tokenizer = AnyTokenizer(models.WordLevel({"the": 7, "lungs": 3, "[UNK]": 9}, "[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return tokenizer


@pytest.mark.parametrize("make", [wordpiece, unigram, bpe, wordlevel])
def test_pieces_stay_and_special_tokens_come_first(make, tmp_path: Path) -> None:
    other = make()
    other.save(str(tmp_path / "tokenizer.json"))
    adopted = adopt_tokenizer(tmp_path / "tokenizer.json")
    for text in [*TEXTS, "zygapophyseal"]:
        other.no_truncation(), other.no_padding()
        found = other.encode(text, add_special_tokens=False).ids
        pieces = [other.id_to_token(i) for i in found]
        ids = adopted.encode(text)
        assert [adopted._bpe.id_to_token(i) for i in ids] == pieces
        assert all(MASK < i < len(adopted) for i in ids)
    assert [adopted._bpe.token_to_id(token) for token in SPECIAL] == [PAD, START, END, MASK]
    assert sorted(adopted._bpe.get_vocab().values()) == list(range(len(adopted)))
    if make is not wordlevel:
        assert adopted.decode([START, *adopted.encode(TEXTS[1]), END]) == TEXTS[1]


@pytest.mark.parametrize("make", [wordpiece, unigram, bpe, wordlevel])
def test_it_is_a_tokenizer_of_a_run_and_no_text_spells_a_special_token(
    make, tmp_path: Path
) -> None:
    make().save(str(tmp_path / "tokenizer.json"))
    adopt_tokenizer(tmp_path / "tokenizer.json").save(tmp_path / "kept.json")
    kept = Tokenizer.load(tmp_path / "kept.json")
    assert min(kept.encode("the lungs <end> <pad>")) > MASK
    again = adopt_tokenizer(tmp_path / "kept.json")
    assert [again.encode(text) for text in TEXTS] == [kept.encode(text) for text in TEXTS]


def test_a_tokenizer_of_a_run_comes_out_as_it_is(tmp_path: Path) -> None:
    own = Tokenizer.train(TEXTS, 300)
    own.save(tmp_path / "tokenizer.json")
    adopted = adopt_tokenizer(tmp_path / "tokenizer.json")
    assert adopted._bpe.get_vocab() == own._bpe.get_vocab()
    assert [adopted.encode(text) for text in TEXTS] == [own.encode(text) for text in TEXTS]


def test_what_is_no_tokenizer_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    for content in (None, "{", json.dumps({"model": {"type": "BPE"}})):
        if content is not None:
            path.write_text(content)
        with pytest.raises(RecipeError, match=r"no readable tokenizer\.json") as caught:
            adopt_tokenizer(path)
        assert "\n" not in str(caught.value)
