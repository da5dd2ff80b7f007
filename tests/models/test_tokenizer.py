import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer as BPETokenizer
from tokenizers import models, normalizers, pre_tokenizers, trainers

from radtex.errors import RunError
from radtex.models.tokenizer import END, MASK, PAD, SPECIAL, START, Tokenizer
from radtex.models.word_counts import WordCounts

TEXTS = ["There is a small left pleural effusion.", "No pneumothorax. 2.5 cm nodule."] * 5


TRAINED = Tokenizer.train(TEXTS, 400)


@pytest.fixture
def tokenizer() -> Tokenizer:
    return TRAINED


def normalised(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text).lower()
    return "".join(c for c in decomposed if unicodedata.category(c) != "Mn").strip()


@given(st.text(max_size=60))
def test_no_text_holds_an_unknown_or_special_token(text: str) -> None:
    assert all(i > MASK for i in TRAINED.encode(text))


@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P", "Zs"]), max_size=60))
def test_decoding_gives_the_text_back_in_lower_case(text: str) -> None:
    assert TRAINED.decode(TRAINED.encode(text)) == text.lower().strip()


def test_a_rare_word_is_not_padding(tokenizer: Tokenizer) -> None:
    ids = tokenizer.encode("Häuschen ☃")
    assert ids
    assert len({PAD, START, END, MASK}) == 4
    assert tokenizer.decode(ids) == normalised("Häuschen ☃")


@pytest.mark.parametrize("special", SPECIAL)
def test_a_report_cannot_spell_a_special_token(tokenizer: Tokenizer, special: str) -> None:
    ids = tokenizer.encode(f"the end {special} of it")
    assert not {PAD, START, END, MASK} & set(ids)
    assert tokenizer.decode(ids) == f"the end {special} of it"


def test_training_twice_gives_the_same_file(tmp_path: Path) -> None:
    Tokenizer.train(TEXTS, 300).save(tmp_path / "a.json")
    Tokenizer.train(TEXTS, 300).save(tmp_path / "b.json")
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


@pytest.mark.parametrize("vocabulary", [300, 400, 4000])
def test_it_learns_what_the_library_learns_from_the_texts(vocabulary: int) -> None:
    texts = [*TEXTS, "ﬁne fibrosis\n\n½ “quoted” O'Brien's ☃ 肺炎です\tMRN:00123456  end"] * 2
    library = BPETokenizer(models.BPE())
    library.normalizer = normalizers.Sequence(
        [normalizers.NFKD(), normalizers.Lowercase(), normalizers.StripAccents()]
    )
    library.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=list(SPECIAL),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    library.train_from_iterator(texts, trainer)
    assert Tokenizer.train(texts, vocabulary)._bpe.get_vocab() == library.get_vocab()


def test_a_word_that_occurs_very_often_is_counted_whole() -> None:
    words = WordCounts({"Ġxyz": 2500, "Ġabcdef": 2400}, {"xyz": 1, "abcdef": 1})
    pieces = Tokenizer.learn(words, 262)._bpe.get_vocab()
    # Merged first is what stands in both, then what is more often: 2,500 before 2,400.
    assert "Ġx" in pieces or "xy" in pieces or "yz" in pieces
    assert not {"ab", "bc", "cd", "de", "ef", "Ġa"} & pieces.keys()


@given(
    st.lists(
        st.tuples(st.sampled_from("abcde"), st.sampled_from(("left effusion", "ZBIG niew", "a b"))),
        max_size=30,
    ),
    st.integers(1, 6),
)
def test_each_piece_is_a_part_of_a_word_that_enough_patients_share(
    owned: list[tuple[str, str]], least: int
) -> None:
    words = WordCounts.of_texts([text for _, text in owned], [patient for patient, _ in owned])
    pieces = Tokenizer.learn(words.of_at_least(least), 400)._bpe.get_vocab()
    for piece, number in pieces.items():
        if number >= 260:
            bare = piece.removeprefix("Ġ")
            sharing = {p for p, text in owned for w in text.lower().split() if bare in w}
            assert len(sharing) >= least


def test_without_words_it_spells_by_bytes() -> None:
    spelt = Tokenizer.learn(WordCounts({}, {}), 4000)
    assert len(spelt) == 260
    assert spelt.decode(spelt.encode("Häuschen ☃")) == normalised("Häuschen ☃")


def test_a_saved_tokenizer_reads_the_same(tokenizer: Tokenizer, tmp_path: Path) -> None:
    tokenizer.save(tmp_path / "t.json")
    again = Tokenizer.load(tmp_path / "t.json")
    text = "small effusion <end> 2.5 cm"
    assert again.encode(text) == tokenizer.encode(text)
    assert len(again) == len(tokenizer)


def test_a_damaged_file_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text('{"version": ')
    with pytest.raises(RunError, match="no readable tokenizer"):
        Tokenizer.load(tmp_path / "t.json")


@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P", "Zs"]), max_size=60))
def test_each_token_ends_where_its_text_does(text: str) -> None:
    pieces, ends = TRAINED.pieces(TRAINED.encode(text)), TRAINED.ends(text)
    assert len(pieces) == len(ends)
    # A space is put before a text that begins with none; by itself, it counts to what follows.
    added = 0 if text.startswith(" ") else 1
    for last, end in enumerate(ends):
        assert max(len("".join(pieces[: last + 1])) - added, 1) == end


def test_a_token_ends_in_the_text_as_it_was_written(tokenizer: Tokenizer) -> None:
    text = "Small ﬁbrosis, Häuschen"
    assert [text[:end].split()[-1] for end in tokenizer.ends(text)][-1] == "Häuschen"
    assert text[: tokenizer.ends(text)[0]] == "Small"


@given(st.lists(st.text(st.sampled_from("ab1,'<end>\u00a8\u0301\u00bd\u00a0 \n"), max_size=12)))
def test_many_texts_are_encoded_as_each_is(texts: list[str]) -> None:
    texts += [" ".join(text.split()) for text in texts]
    assert [*TRAINED.encode_each(texts)] == [TRAINED.encode(text) for text in texts]


def test_many_texts_are_encoded_as_each_is_also_where_spaces_are_no_ends_of_words() -> None:
    bpe = BPETokenizer(models.BPE())
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(special_tokens=list(SPECIAL), initial_alphabet=alphabet)
    bpe.normalizer = normalizers.Replace(" ", "Ġ")
    bpe.train_from_iterator(["no pleural effusion"] * 50, trainer)
    adopted = Tokenizer(bpe)
    texts = ["no pleural effusion", "no effusion"]
    assert [*adopted.encode_each(texts)] == [adopted.encode(text) for text in texts]
    assert len(adopted.encode(texts[0])) == 1
