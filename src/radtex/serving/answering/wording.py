"""A report sentence by sentence, with the places of its tokens."""

import re
from collections.abc import Sequence

from radtex.explaining.attention import token_spans
from radtex.generation.writing import Draft
from radtex.models.tokenizer import Tokenizer
from radtex.serving.answering.answers import ReportAnswer, SentenceAnswer, Token

_INSIDE = r"[.;!?](?!\s|$)"
"""A stop that ends no sentence."""
_SENTENCE = re.compile(rf"(?:[^\s.;!?]|{_INSIDE})(?:[^.;!?]|{_INSIDE})*[.;!?]*|[.;!?]+")


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Where the sentences of a report stand: they end with a stop before a space or the end."""
    return [
        (match.start(), match.start() + len(match[0].rstrip()))
        for match in _SENTENCE.finditer(text)
    ]


def report_answer(draft: Draft, tokenizer: Tokenizer, prompt: str = "") -> ReportAnswer:
    """Say a draft sentence by sentence.

    Args:
        draft: of a film.
        tokenizer: that made its tokens.
        prompt: that it began with.
    """
    text = tokenizer.decode(draft.tokens)
    spans = token_spans(tokenizer, draft.tokens).tolist() if draft.tokens else []
    sentences = [
        SentenceAnswer(
            text=text[start:end],
            start=start,
            end=end,
            first_token=sum(last <= start for _, last in spans),
            last_token=sum(first < end for first, _ in spans),
            map=None,
        )
        for start, end in split_sentences(text)
    ]
    tokens = [Token(start=start, end=end) for start, end in spans]
    return ReportAnswer(
        text=text, prompt=prompt, score=draft.score, sentences=sentences, tokens=tokens
    )


def tokens_of(sentences: Sequence[SentenceAnswer]) -> tuple[tuple[int, int], ...]:
    """The tokens of each sentence: the first, and behind the last."""
    return tuple((each.first_token, each.last_token) for each in sentences)
