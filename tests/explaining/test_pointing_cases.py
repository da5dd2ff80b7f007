"""Cases are findings that a text names and that have boxes, by the labeler's names."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from radtex.corpus.corpus import Corpus
from radtex.explaining.boxes_and_points import Box
from radtex.explaining.pointing_cases import Case, boxes_by_finding, cases_of, tokens_of_texts
from radtex.models.run import Run

NODULE = {"name": "Nodule", "x": 0.1, "y": 0.2, "width": 0.3, "height": 0.4}
EDEMA = NODULE | {"name": "Edema"}
UNKNOWN = NODULE | {"name": "Gallstones"}


@pytest.fixture
def boxed(phantom_corpus: Corpus) -> Corpus:
    """The phantom with a nodule in image 0, an edema and an unknown finding in image 1."""
    index = phantom_corpus.index.copy()
    index["boxes"] = "[]"
    index.loc[0, "boxes"] = json.dumps([NODULE, NODULE | {"x": 0.5}])
    index.loc[1, "boxes"] = json.dumps([EDEMA, UNKNOWN])
    return dataclasses.replace(phantom_corpus, index=index)


def _box(values: dict[str, object], **changes: object) -> Box:
    return Box(**(values | changes))


def test_boxes_are_gathered_by_the_names_of_the_labeler(boxed: Corpus) -> None:
    assert boxes_by_finding(boxed, np.array([0, 1, 2])) == {
        "Lung Lesion": [_box(NODULE), _box(NODULE, x=0.5)],
        "Edema": [_box(EDEMA)],
    }


def test_a_case_is_present_in_the_text_and_has_boxes(boxed: Corpus, writing_run: Path) -> None:
    _, tokenizer = Run.open(writing_run).load().writer()
    texts = {
        0: tokenizer.encode("small nodule. mild edema."),
        1: tokenizer.encode("no edema. small nodule."),
    }
    assert cases_of(tokenizer, boxed, texts, {"Lung Lesion", "Edema"}) == [
        Case(0, "Lung Lesion", ((6, 12),), (_box(NODULE), _box(NODULE, x=0.5)))
    ]
    assert cases_of(tokenizer, boxed, texts, {"Edema"}) == []


def test_the_words_are_those_of_the_reference_or_of_the_run(
    phantom_corpus: Corpus, writing_run: Path
) -> None:
    run = Run.open(writing_run)
    model, rows = run.load(), phantom_corpus.rows("test")
    decoder, tokenizer = model.writer()
    for row, tokens in tokens_of_texts(model, run, phantom_corpus, rows, "reference").items():
        text = phantom_corpus.index.iloc[row]
        assert tokenizer.decode(tokens)[:10] in " ".join(
            f"{text['findings']} {text['impression']}".lower().split()
        )
        assert len(tokens) <= decoder.max_tokens
    generated = tokens_of_texts(model, run, phantom_corpus, rows, "generated")
    written = model.report(phantom_corpus.images[rows])
    assert {row: tokenizer.decode(tokens) for row, tokens in generated.items()} == {
        row: report for row, report in zip(rows.tolist(), written, strict=True) if report
    }
