"""Reports in sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radtex.generation.writing import Draft
from radtex.models.run import Run
from radtex.serving.answering.wording import report_answer, split_sentences, tokens_of


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", []),
        ("  \n", []),
        ("no effusion", ["no effusion"]),
        ("the heart is normal. no effusion.", ["the heart is normal.", "no effusion."]),
        ("a nodule of 5.2 cm. clear?! yes", ["a nodule of 5.2 cm.", "clear?!", "yes"]),
        (". . dots", [".", ".", "dots"]),
    ],
)
def test_sentences_end_with_a_stop(text: str, sentences: list[str]) -> None:
    assert [text[start:end] for start, end in split_sentences(text)] == sentences


@given(st.text(alphabet="ab .;\n?1"))
def test_sentences_hold_all_that_is_no_space(text: str) -> None:
    joined = "".join(text[start:end] for start, end in split_sentences(text))
    assert "".join(joined.split()) == "".join(text.split())


def test_a_long_text_takes_linear_time() -> None:
    assert len(split_sentences("." * 500_000)) == 1
    assert len(split_sentences("a. " * 300_000)) == 300_000


def test_tokens_of_a_sentence_lie_in_it(writing_run) -> None:
    _, tokenizer = Run.open(writing_run).load().writer()
    tokens = tokenizer.encode("The heart is normal. No pleural effusion.")
    report = report_answer(Draft(tuple(tokens), -1.0), tokenizer, "The")
    assert [each.text for each in report.sentences] == [
        "the heart is normal.",
        "no pleural effusion.",
    ]
    (first, middle), (second, last) = tokens_of(report.sentences)
    assert (first, last) == (0, len(tokens))
    assert second in (middle, middle - 1)
    assert tokenizer.decode(tokens[:middle]).startswith("the heart is normal.")
    assert report_answer(Draft((), 0.0), tokenizer).sentences == []
