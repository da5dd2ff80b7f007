import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radtex.errors import RunError
from radtex.models.tokenizer import END, MASK, PAD, SPECIAL, START, Tokenizer

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
