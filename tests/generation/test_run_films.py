"""Which radiographs a run is asked about, and the references that belong to them."""

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from radtex.corpus.corpus import Corpus
from radtex.errors import CorpusError, ImageError, RunError
from radtex.generation.run_films import films_of, films_of_corpus, reference_sections
from radtex.models.run import Run
from radtex.reports import TextPolicy


@pytest.fixture
def opened(writing_run: Path) -> Run:
    return Run.open(writing_run)


def test_files_and_corpora_exclude_each_other(
    opened: Run, phantom_corpus: Corpus, tmp_path: Path
) -> None:
    for names, corpus in (((), None), (["a.png"], phantom_corpus.path)):
        with pytest.raises(RunError, match="one of both"):
            films_of(opened, names, corpus)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ImageError, match="holds no image"):
        films_of(opened, [str(tmp_path / "empty")])
    with pytest.raises(CorpusError, match="no split 'other'"):
        films_of(opened, (), phantom_corpus.path, "other")


def test_a_file_is_read_as_the_images_of_the_run_were(
    opened: Run, phantom_corpus: Corpus, tmp_path: Path
) -> None:
    Image.fromarray(phantom_corpus.images[0]).save(tmp_path / "a.png")
    ((film,),) = films_of(opened, [str(tmp_path / "a.png")]).batches("reading", 4)
    assert film.pixels is not None
    np.testing.assert_array_equal(film.pixels, phantom_corpus.images[0])


def test_the_films_of_a_split_come_in_its_order(opened: Run, phantom_corpus: Corpus) -> None:
    films = films_of_corpus(phantom_corpus, "test", opened)
    found = [film for batch in films.batches("reading", 5) for film in batch]
    rows = phantom_corpus.rows("test")
    assert [film.image_id for film in found] == [*phantom_corpus.index["image_id"].iloc[rows]]
    assert {film.facts["corpus"] for film in found} == {str(phantom_corpus.path)}


def test_images_that_were_made_in_another_way_are_told(
    opened: Run, phantom_corpus: Corpus, caplog: pytest.LogCaptureFixture
) -> None:
    info = phantom_corpus.info | {"options": phantom_corpus.info["options"] | {"fit": "crop"}}
    with caplog.at_level(logging.WARNING):
        films_of_corpus(phantom_corpus, "test", opened)
        assert not caplog.records
        films_of_corpus(replace(phantom_corpus, info=info), "test", opened)
    assert "are made with crop" in caplog.text


def test_the_references_a_run_has_learnt_are_refused(opened: Run, phantom_corpus: Corpus) -> None:
    with pytest.raises(RunError, match="trained on the split train"):
        films_of(opened, (), phantom_corpus.path, "train")


@pytest.mark.parametrize(
    ("policy", "there", "sections"),
    [
        ("findings+impression", "fir", ["findings", "impression"]),
        ("findings+impression", "ir", ["impression"]),
        ("findings", "fir", ["findings"]),
        ("findings", "ir", ["impression"]),
        ("impression", "f", ["findings"]),
        ("full", "fir", ["report"]),
        ("full", "fi", ["findings", "impression"]),
        ("findings", "", []),
    ],
)
def test_the_reference_is_the_text_that_the_policy_learns(
    policy: TextPolicy, there: str, sections: list[str]
) -> None:
    texts = {n: "words" if n[0] in there else " " for n in ("findings", "impression", "report")}
    assert reference_sections(texts, policy) == sections


def test_a_split_is_named_with_its_corpus(opened: Run, phantom_corpus: Corpus) -> None:
    ids = phantom_corpus.index["image_id"]
    for name, split in (
        (f"{phantom_corpus.path}:pool", None),
        (phantom_corpus.path, "pool"),
        (f"{phantom_corpus.path}:pool", "pool"),
    ):
        found = [
            film for batch in films_of(opened, (), name, split).batches("", 9) for film in batch
        ]
        assert [film.image_id for film in found] == [*ids.iloc[phantom_corpus.rows("pool")]]
    with pytest.raises(CorpusError, match="name two splits"):
        films_of(opened, (), f"{phantom_corpus.path}:pool", "test")
