"""The pointing game over a corpus, with maps that are known to be right or blind."""

import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from radtex.corpus.corpus import Corpus
from radtex.errors import CorpusError, ProtocolError, RunError
from radtex.explaining import pointing_cases
from radtex.explaining import pointing_game as localisation
from radtex.explaining.attention import TextMaps, present_findings
from radtex.explaining.boxes_and_points import read_boxes
from radtex.models.decoding import Caption
from radtex.models.run import load
from radtex.transfer.scorings import SCORINGS

localise = partial(localisation.localise, maps="attention")
NAMES = {"Nodule": "Lung Lesion"}


@pytest.fixture(scope="module")
def run(run_of_context: Callable[[int], Path]) -> Path:
    return run_of_context(300)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test split holds some twenty studies."""
    monkeypatch.setattr(localisation, "_FEWEST", 2)


def rates(table: str) -> dict[str, float]:
    """Mean hit rate by pointer, of the second table."""
    return {
        match[1].strip(): float(match[2])
        for match in re.finditer(
            r"^([a-z][a-z ]*?)  +([\d.]+) \[", table.split("\n\n")[1], re.MULTILINE
        )
    }


@pytest.mark.usefixtures("few")
def test_maps_that_know_the_boxes_hit_and_are_told_from_blind_ones(
    run: Path, phantom_corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first of the networks points at a box of what each word says, the others at a corner."""
    by_image = {
        image.tobytes(): read_boxes(cell)
        for image, cell in zip(phantom_corpus.images, phantom_corpus.index["boxes"], strict=True)
    }
    trained: list[object] = []

    tokenizer = load(run).writer()[1]

    def knowing_look(model, images, texts):
        trained[:] = trained or [model]
        return [
            _maps(tokenizer.decode(text), by_image[image.tobytes()] if model is trained[0] else [])
            for image, text in zip(images, texts, strict=True)
        ]

    monkeypatch.setattr(localisation, "look", knowing_look)
    table = localise(run, f"{phantom_corpus.path}:pool")
    found = rates(table)
    assert found["map"] == 1.0 == found["best cell"]
    assert found["random weights"] < 0.1
    assert found["image centre"] < found["likeliest point"] < 1
    better, not_better = table.split("The map points better than: ")[1].split("not better than: ")
    assert "random weights" in better
    assert "image centre" in better
    assert "random weights" not in not_better


def _maps(text: str, boxes) -> TextMaps:
    """A token per letter; a map of 64 × 64 cells, high at the centre of the finding's box."""
    maps = np.zeros((len(text), 64, 64), np.float32)
    maps[:, 0, 0] = 1e-3
    for finding, spans in present_findings(text).items():
        for box in boxes:
            if NAMES.get(box.name, box.name) == finding:
                row = min(int(64 * (box.y + box.height / 2)), 63)
                column = min(int(64 * (box.x + box.width / 2)), 63)
                for start, end in spans:
                    maps[start:end, row, column] = 1
                break
    letters = np.arange(len(text))
    return TextMaps(text, np.stack([letters, letters + 1], axis=1), maps)


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("words", ["reference", "generated"])
def test_cases_have_a_box_and_words_that_say_so(
    run: Path, phantom_corpus: Corpus, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    report = "small pleural effusion. mild cardiomegaly. no edema."
    caption = Caption(tuple(load(run).writer()[1].encode(report)), 0.0, ended=True)
    monkeypatch.setattr(
        pointing_cases, "decode", lambda _decoder, memory, _options: [caption] * len(memory)
    )
    table = localise(run, f"{phantom_corpus.path}:pool", words)
    index = phantom_corpus.index.iloc[phantom_corpus.rows("pool")]
    expected: dict[str, int] = {}
    for row in index.itertuples():
        text = report if words == "generated" else f"{row.findings} {row.impression}"
        for name in {NAMES.get(box.name, box.name) for box in read_boxes(row.boxes)}:
            expected[name] = expected.get(name, 0) + (name in present_findings(text))
    found = dict(re.findall(r"^([A-Z][A-Za-z ]+?)  +(\d+)  ", table, re.MULTILINE))
    assert {name: int(count) for name, count in found.items()} == {
        name: count for name, count in expected.items() if count >= 2
    }
    if words == "generated":
        assert set(found) == {"Cardiomegaly", "Pleural Effusion"}


@pytest.mark.usefixtures("few")
def test_the_same_seed_gives_the_same_table(run: Path, phantom_corpus: Corpus) -> None:
    corpus = str(phantom_corpus.path)
    assert localise(run, corpus, seed=4) == localise(run, corpus, seed=4)
    noted = (phantom_corpus.path / SCORINGS).read_text().splitlines()[-2:]
    assert [json.loads(line)["what"] for line in noted] == ["explain", "explain"]


@pytest.mark.usefixtures("few")
def test_refuses_what_would_show_nothing(run: Path, phantom_corpus: Corpus) -> None:
    with pytest.raises(ProtocolError, match="patients are both in the training of"):
        localise(run, f"{phantom_corpus.path}:train")
    with pytest.raises(CorpusError, match="no split 'other'"):
        localise(run, f"{phantom_corpus.path}:other")
    with pytest.raises(RunError, match="is no run"):
        localise(phantom_corpus.path, str(phantom_corpus.path))


def test_too_few_cases_are_named(
    run: Path, phantom_corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(localisation, "_FEWEST", 1000)
    with pytest.raises(CorpusError, match=r"no finding has 1000 patients .* with a box and a text"):
        localise(run, str(phantom_corpus.path))
