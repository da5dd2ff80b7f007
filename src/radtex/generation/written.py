"""A file of written reports with their references, as `radtex generate` makes it."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from radtex.errors import CorpusError
from radtex.inputs import read_input, require_input

SECTIONS = ("findings", "impression", "report")
"""Columns of a corpus that references are taken from."""
_MOST_BYTES = 2**30


@dataclass(frozen=True)
class WrittenReports:
    """The reports of a file that can be scored, in its order."""

    path: Path
    """The file."""
    image_ids: tuple[str, ...]
    """Images, each once."""
    texts: tuple[str, ...]
    """The report that was written for each image."""
    references: tuple[str, ...]
    """The report that each image has."""
    sections: tuple[tuple[str, ...], ...]
    """Columns of the corpus that make each reference; () where the line states none."""
    failed: int
    """Lines left out because their image could not be read."""
    unreferenced: int
    """Lines left out because they have no reference."""
    run: str | None
    """The run that wrote them, if the file states it."""
    corpus: str | None
    """The corpus of the images, if the file states it."""


def read_written(path: Path) -> WrittenReports:
    """Read JSON lines of `image_id`, `text` and `reference`.

    Lines with an `error`, and lines whose reference is missing or blank, are counted and left out.
    `sections`, `run` and `corpus` are read where they stand.

    Raises:
        CorpusError: if the file is missing, a line is damaged, an image stands twice, no line has
            a reference, or lines differ in run or corpus.
    """
    require_input(path, CorpusError, "the JSON lines that `radtex generate` writes")
    try:
        text = read_input(path, _MOST_BYTES, CorpusError).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(
            f"cannot read {path} ({type(error).__name__}); expected the JSON lines that "
            "`radtex generate` writes"
        ) from error
    lines = [
        _parse(line, f"{path}, line {n}") for n, line in enumerate(text.split("\n"), 1) if line
    ]
    read = [line for line in lines if "error" not in line]
    referenced = [line for line in read if line.get("reference", "").strip()]
    if not referenced:
        raise CorpusError(
            f"{path} has {len(lines)} lines and none of them a reference; write the reports of a "
            "corpus with `radtex generate RUN --corpus CORPUS`"
        )
    counts = Counter(line["image_id"] for line in read)
    twice = [image for image, count in counts.items() if count > 1]
    if twice:
        raise CorpusError(
            f"{path} has more than one line for {len(twice)} images (the first is {twice[0]}); "
            "expected one report per image, so score each prompt's reports in a file of its own"
        )
    return WrittenReports(
        path,
        tuple(line["image_id"] for line in referenced),
        tuple(line["text"] for line in referenced),
        tuple(line["reference"] for line in referenced),
        tuple(tuple(line.get("sections", ())) for line in referenced),
        len(lines) - len(read),
        len(read) - len(referenced),
        _the_one(referenced, "run", path),
        _the_one(referenced, "corpus", path),
    )


def match_by_image(files: Sequence[WrittenReports]) -> list[WrittenReports]:
    """Bring files into the order of the first one's images.

    Raises:
        CorpusError: if a file is given twice, or files differ in images or references.
    """
    first = files[0]
    for number, other in enumerate(files[1:], 1):
        if other.path in [earlier.path for earlier in files[:number]]:
            raise CorpusError(f"{other.path} is given twice; name each file once")
        unshared = set(first.image_ids) ^ set(other.image_ids)
        if unshared:
            raise CorpusError(
                f"{first.path} and {other.path} do not hold reports of the same images: "
                f"{len(unshared)} stand in one of them only; write both for the same images"
            )
    return [first, *(_in_order(other, first) for other in files[1:])]


def _in_order(other: WrittenReports, first: WrittenReports) -> WrittenReports:
    position = {image: number for number, image in enumerate(other.image_ids)}
    order = [position[image] for image in first.image_ids]
    references = tuple(other.references[number] for number in order)
    if references != first.references:
        raise CorpusError(
            f"{first.path} and {other.path} differ in references; write both from one corpus, by "
            "runs of one text policy"
        )
    return replace(
        other,
        image_ids=first.image_ids,
        texts=tuple(other.texts[number] for number in order),
        references=references,
        sections=first.sections,
    )


def _parse(line: str, where: str) -> Mapping[str, Any]:
    try:
        values = json.loads(line)
    except ValueError as error:
        raise CorpusError(f"{where} is no JSON; write the file again") from error
    if not isinstance(values, dict):
        raise CorpusError(f"{where} is no JSON object; expected one per image")
    stated = {name: value for name, value in values.items() if value is not None}
    for name in ("image_id",) if "error" in stated else ("image_id", "text"):
        if name not in stated:
            raise CorpusError(f"{where} has no `{name}`; expected one report per image")
    for name in ("image_id", "text", "reference", "run", "corpus"):
        if not isinstance(stated.get(name, ""), str):
            raise CorpusError(f"{where}: `{name}` is no text; write the file again")
    sections = stated.get("sections", [])
    if not isinstance(sections, list) or any(name not in SECTIONS for name in sections):
        raise CorpusError(f"{where} has unknown `sections`; expected some of {', '.join(SECTIONS)}")
    return stated


def _the_one(lines: list[Mapping[str, Any]], name: str, path: Path) -> Any:
    """The value that all lines share; None where none has it."""
    values = {line.get(name) for line in lines}
    if len(values) > 1:
        raise CorpusError(
            f"{path} mixes reports of {len(values)} values of `{name}`; score them apart"
        )
    return values.pop()
