"""What Python may ask of a corpus, with paths as text."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import radtex
from radtex.corpus.corpus import Corpus
from radtex.errors import CorpusError


def test_a_table_becomes_a_corpus(phantom_corpus: Corpus, tmp_path: Path) -> None:
    from PIL import Image

    for row in range(4):
        Image.fromarray(phantom_corpus.images[row]).save(tmp_path / f"{row}.png")
    table = tmp_path / "films.csv"
    pd.DataFrame(
        {
            "image": [f"{row}.png" for row in range(4)],
            "patient_id": ["a", "b", "c", "d"],
            "Gout": [1, 0, 1, 0],
        }
    ).to_csv(table, index=False)
    made = radtex.build_corpus(
        "table", str(table), out=str(tmp_path / "made"), size=64, workers=1, labels=["Gout"]
    )
    assert made.label_names == ("Gout",)
    np.testing.assert_array_equal(made.images, phantom_corpus.images[:4])


def test_labels_are_brought_and_undone(phantom_corpus: Corpus, tmp_path: Path) -> None:
    from shutil import copytree

    corpus = str(copytree(phantom_corpus.path, tmp_path / "corpus"))
    table = tmp_path / "read.csv"
    ids = phantom_corpus.index["image_id"][:2]
    pd.DataFrame({"image_id": ids, "Gout": [1, 0]}).to_csv(table, index=False)
    assert "Gout 1 present, 1 absent" in radtex.label(corpus, str(table))
    assert "Gout" in Corpus.open(corpus).label_names
    with pytest.raises(CorpusError, match="leave one of them out"):
        radtex.label(corpus, str(table), undo=True)
    radtex.label(corpus, undo=True)
    assert "Gout" not in Corpus.open(corpus).label_names
    with pytest.raises(CorpusError, match="name a table of labels"):
        radtex.label(corpus)


def test_a_corpus_is_described_opened_or_not(phantom_corpus: Corpus, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.png"
    told = radtex.describe(phantom_corpus, sheet=str(sheet))
    assert told == radtex.describe(str(phantom_corpus.path))
    assert sheet.read_bytes().startswith(b"\x89PNG")
