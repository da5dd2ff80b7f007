"""What the pointing game is played with: findings that an image has boxes of and a text names."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from radtex.corpus.corpus import Corpus
from radtex.explaining.attention import Spans, present_findings
from radtex.explaining.boxes_and_points import Box, read_boxes
from radtex.findings import CHEXPERT_LABELS
from radtex.models.decoding import decode
from radtex.models.decoding_options import DecodingOptions
from radtex.models.pretrained import PretrainedModel
from radtex.models.run import Run
from radtex.models.tokenizer import Tokenizer
from radtex.progress import progress_bar
from radtex.reports import training_texts

Words = Literal["reference", "generated"]
"""Whose words: those of the reference report, or of the report that the run generates."""

_BATCH = 32

_SAID_AS = {
    "Effusion": "Pleural Effusion",
    "Infiltration": "Lung Opacity",
    "Mass": "Lung Lesion",
    "Nodule": "Lung Lesion",
    "Nodule/Mass": "Lung Lesion",
}
"""What the labeler calls the boxes that have another name."""


@dataclass(frozen=True)
class Case:
    """A finding that the text of an image says is present, and that has boxes."""

    row: int
    """Of the image, in the corpus."""
    finding: str
    """By the name of the labeler."""
    spans: Spans
    """Where the text says so."""
    boxes: tuple[Box, ...]
    """Where the image shows it."""


def boxes_by_finding(corpus: Corpus, rows: NDArray[np.int64]) -> dict[str, list[Box]]:
    """The boxes of images, by the names that the labeler gives their findings."""
    found: dict[str, list[Box]] = {}
    for cell in corpus.index["boxes"].iloc[rows]:
        for box in read_boxes(cell):
            finding = _SAID_AS.get(box.name, box.name)
            if finding in CHEXPERT_LABELS:
                found.setdefault(finding, []).append(box)
    return found


def tokens_of_texts(
    model: PretrainedModel, run: Run, corpus: Corpus, rows: NDArray[np.int64], words: Words
) -> dict[int, list[int]]:
    """The tokens of the text of each image, if it has one that fits the context.

    Args:
        model: with a decoder.
        run: that it was loaded from.
        corpus: of the images.
        rows: of the images.
        words: see `Words`.
    """
    decoder, tokenizer = model.writer()
    if words == "reference":
        texts = training_texts(corpus.index.iloc[rows], run.reference_policy, run.removes_priors)
        tokens = [tokenizer.encode(text) for text in texts]
    else:
        tokens = []
        with progress_bar("writing", len(rows), "images") as bar:
            for start in range(0, len(rows), _BATCH):
                batch = corpus.images[rows[start : start + _BATCH]]
                captions = decode(decoder, model.memory(batch), DecodingOptions())
                tokens += [list(caption.tokens) for caption in captions]
                bar.advance(len(batch))
    return {
        int(row): text
        for row, text in zip(rows, tokens, strict=True)
        if 0 < len(text) <= decoder.max_tokens
    }


def cases_of(
    tokenizer: Tokenizer, corpus: Corpus, texts: Mapping[int, list[int]], findings: set[str]
) -> list[Case]:
    """The cases of images, of the findings that are asked for.

    Args:
        tokenizer: that made the tokens.
        corpus: of the images.
        texts: tokens by row.
        findings: by the names of the labeler.
    """
    cases = []
    for row, tokens in texts.items():
        boxes = boxes_by_finding(corpus, np.array([row]))
        cases += [
            Case(row, finding, spans, tuple(boxes[finding]))
            for finding, spans in present_findings(tokenizer.decode(tokens)).items()
            if finding in boxes and finding in findings
        ]
    return cases
