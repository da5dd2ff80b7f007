"""Films to show of a run, chosen by rule: one whose findings it names, and one that it misses.

Findings are those that a text says are present (`present_findings`), of the film's own report and
of the one that the run writes, so both are read alike.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from radtex.corpus.corpus import Corpus
from radtex.explaining.attention import present_findings
from radtex.models.decoding import decode
from radtex.models.decoding_options import DecodingOptions
from radtex.models.run import Run
from radtex.reports import training_texts

MOST = 512
"""Films that are looked at, at most."""
_BATCH = 32


@dataclass(frozen=True)
class Example:
    """A film with the report that a run writes for it."""

    row: int
    """Of the corpus."""
    text: str
    """What the run writes, greedily."""
    own: str
    """The film's own report."""
    why: str = ""
    """The rule that chose it, in words."""

    @cached_property
    def written(self) -> frozenset[str]:
        """Findings that the run says are present."""
        return frozenset(present_findings(self.text))

    @cached_property
    def stated(self) -> frozenset[str]:
        """Findings that the film's own report says are present."""
        return frozenset(present_findings(self.own))

    @property
    def missed(self) -> tuple[str, ...]:
        """Findings of the film's own report that the run does not name, by name."""
        return tuple(sorted(self.stated - self.written))


def find_examples(
    run: Run, corpus: Corpus, split: str = "test"
) -> tuple[Example | None, Example | None]:
    """Return the film to show, and the first one with a finding that the run misses.

    Args:
        run: finished, with a decoder.
        corpus: that holds the films and their own reports.
        split: of the corpus.

    Returns:
        As `choose` does.

    Raises:
        RunError: if the run has no decoder.
        CorpusError: if the corpus has no such split.
    """
    looked: list[Example] = []
    for each in islice(_written(run, corpus, split), MOST):
        looked.append(each)
        shown, missed = choose(looked)
        if shown is not None and missed is not None and shown.why == _RULES[0][0]:
            break
    return choose(looked)


def choose(films: Sequence[Example]) -> tuple[Example | None, Example | None]:
    """Choose by rule among films, in their order.

    Args:
        films: with what a run writes for them.

    Returns:
        The first film with two findings of which both and no other are written, or else by the
        next rule that fits a film, which its `why` states; and the first film with a finding that
        is not written. None where there is none.
    """
    shown = next(
        (
            Example(film.row, film.text, film.own, why)
            for why, fits in _RULES
            for film in films
            if fits(film)
        ),
        None,
    )
    missed = next((film for film in films if film.missed), None)
    if missed is not None:
        missed = Example(missed.row, missed.text, missed.own, "a finding that it misses")
    return shown, missed


_RULES = (
    (
        "two findings, both named and no other",
        lambda film: len(film.stated) == 2 and film.written == film.stated,
    ),
    (
        "two findings or more, all named; none has just two and these alone named",
        lambda film: len(film.stated) > 1 and not film.missed,
    ),
    (
        "a finding, named; none has two that are all named",
        lambda film: len(film.stated) > 0 and not film.missed,
    ),
    ("a finding; none has all its findings named", lambda film: len(film.stated) > 0),
)
"""What makes a film the one to show, the best rule first."""


def _written(run: Run, corpus: Corpus, split: str) -> Iterator[Example]:
    model, rows = run.load(), corpus.rows(split)
    decoder, tokenizer = model.writer()
    for start in range(0, len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        own = training_texts(corpus.index.iloc[batch], run.reference_policy)
        captions = decode(decoder, model.memory(corpus.images[batch]), DecodingOptions())
        for row, caption, text in zip(batch, captions, own, strict=True):
            yield Example(int(row), tokenizer.decode(caption.tokens), text)
