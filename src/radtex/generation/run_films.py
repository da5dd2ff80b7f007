"""The radiographs to write about: files that a user names, or a split of a corpus."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from radtex.corpus.corpus import Corpus, open_selection
from radtex.errors import RunError
from radtex.images.films import Film, Films, read_films
from radtex.models.run import Run
from radtex.reports import TextPolicy

_log = logging.getLogger(__name__)


def films_of(
    run: Run, names: Sequence[str], corpus: Path | str | None = None, split: str | None = None
) -> Films:
    """The films that a user named for a run: image files, or a split of a corpus.

    Args:
        run: that is to write or answer.
        names: image files, see `find_files`; or none.
        corpus: CORPUS[:SPLIT], `test` by default; or None.
        split: of the corpus, where `corpus` does not name it.

    Raises:
        RunError: if both or neither are named, or the run has learnt the references of the split.
        ImageError: if a folder holds no image.
        CorpusError: if the corpus is none, or has no such split.
    """
    if bool(names) == (corpus is not None):
        raise RunError("name either image files or a --corpus, one of both")
    if corpus is not None:
        opened, rows = open_selection(corpus, "test", split)
        return films_of_corpus(opened, str(opened.index["split"].iloc[rows[0]]), run)
    return films_of_files(names, run)


def films_of_files(names: Sequence[str], run: Run) -> Films:
    """The image files that `names` mean (see `find_files`), read as the images of `run` were."""
    return read_films(names, run.preprocessing)


def films_of_corpus(corpus: Corpus, split: str, run: Run) -> Films:
    """The images of a split, with their untouched references.

    Args:
        corpus: that holds them.
        split: of the corpus.
        run: that is to write or answer; its text policy chooses the sections of the references.

    Raises:
        CorpusError: if the corpus has no such split.
        RunError: if it is the split that `run` was trained on.
    """
    rows = corpus.rows(split)
    if split == "train" and run.corpus_hash == corpus.content_hash:
        raise RunError(
            f"{run.path} was trained on the split train of {corpus.path}, its references included; "
            "choose another split"
        )
    expected, found = run.preprocessing, corpus.preprocessing
    if (found.fit, found.intensity) != (expected.fit, expected.intensity):
        _log.warning(
            "the images of %s are made with %s, %s; the run was trained on %s, %s",
            corpus.path,
            found.fit,
            found.intensity,
            expected.fit,
            expected.intensity,
        )
    return Films((_of_corpus(corpus, row, run.reference_policy) for row in rows), len(rows))


def reference_sections(texts: Mapping[str, str], policy: TextPolicy) -> list[str]:
    """Which of findings, impression and the raw report make the reference, under a text policy.

    As in training: an empty section is replaced by the other one, an empty report by both.

    Args:
        texts: `findings`, `impression` and `report` of an image.
        policy: of the run.
    """
    there = [section for section in ("findings", "impression") if texts[section].strip()]
    match policy:
        case "full" if texts["report"].strip():
            return ["report"]
        case "findings" | "impression" if policy in there:
            return [policy]
    return there


def _of_corpus(corpus: Corpus, row: int, policy: TextPolicy) -> Film:
    of_row: Mapping[Any, Any] = corpus.index.iloc[row].to_dict()
    sections = reference_sections(of_row, policy)
    return Film(
        of_row["image_id"],
        corpus.images[row],
        facts={
            "reference": "\n".join(of_row[section] for section in sections),
            "sections": sections,
            "corpus": str(corpus.path),
        },
    )
