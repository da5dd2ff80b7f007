"""References are the corpus's own words, and were written for their image."""

import dataclasses
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fixtures.scoring import WriteReports
from radtex.corpus.corpus import Corpus
from radtex.corpus.splits import hash_split
from radtex.errors import CorpusError, ProtocolError
from radtex.generation.written import read_written
from radtex.scoring.references import recurring_share, refuse_changed, rows_of


def stated(row: pd.Series) -> str:
    return str(row["impression"])


def test_each_report_finds_the_row_of_its_image(
    write_reports: WriteReports, phantom_corpus: Corpus
) -> None:
    written = read_written(write_reports("a", stated))
    rows = rows_of(written, phantom_corpus)
    assert phantom_corpus.index["image_id"].iloc[rows].tolist() == [*written.image_ids]
    assert set(rows) == set(phantom_corpus.rows("test"))


def test_an_image_of_another_corpus_is_named(
    write_reports: WriteReports, phantom_corpus: Corpus
) -> None:
    written = read_written(write_reports("a", stated))
    elsewhere = dataclasses.replace(written, image_ids=("elsewhere", *written.image_ids[1:]))
    with pytest.raises(CorpusError, match=r"1 images .* \(the first is elsewhere\)"):
        rows_of(elsewhere, phantom_corpus)


def test_white_space_is_no_change_and_a_word_is(
    write_reports: WriteReports, phantom_corpus: Corpus
) -> None:
    written = read_written(write_reports("a", stated))
    rows = rows_of(written, phantom_corpus)
    spaced = tuple(text.replace(" ", "\n ") for text in written.references)
    refuse_changed(dataclasses.replace(written, references=spaced), phantom_corpus, rows)
    changed = (f"{written.references[0]} too", *written.references[1:])
    other = dataclasses.replace(written, references=changed)
    with pytest.raises(CorpusError, match=r"1 references .* are not those of"):
        refuse_changed(other, phantom_corpus, rows)
    unstated = dataclasses.replace(other, sections=((),) * len(rows))
    refuse_changed(unstated, phantom_corpus, rows)


def test_references_that_stand_with_other_patients_are_counted_and_refused(
    phantom_corpus: Corpus,
) -> None:
    test, train = phantom_corpus.rows("test"), phantom_corpus.rows("train")
    assert recurring_share(phantom_corpus, test) < 0.5
    index = phantom_corpus.index.copy()
    for column in ("findings", "impression"):
        dealt = [f" {text.upper()}" for text in index[column].iloc[train[: len(test)]]]
        index.loc[test, column] = dealt
    dealt_by_label = dataclasses.replace(phantom_corpus, index=index)
    with pytest.raises(ProtocolError, match="100% of the references stand word for word"):
        recurring_share(dealt_by_label, test)


@pytest.mark.skipif("RADTEX_DATA" not in os.environ, reason="RADTEX_DATA names no real data")
def test_real_reports_dealt_to_images_by_label_are_refused() -> None:
    table = Path(os.environ["RADTEX_DATA"]) / "nih128" / "reports.csv"
    index = pd.read_csv(table, dtype=str).fillna("")
    index["patient_namespace"] = "nih"
    index["patient_id"] = index["image_id"].str.split("_").str[0]
    index["split"] = [hash_split(f"nih:{patient}") for patient in index["patient_id"]]
    corpus = Corpus(Path("nih128"), index, np.empty((len(index), 0, 0), np.uint8), {})
    with pytest.raises(ProtocolError, match="no score of texts holds there"):
        recurring_share(corpus, corpus.rows("test"))


def test_reports_of_another_split_are_refused(
    write_reports: WriteReports, phantom_corpus: Corpus
) -> None:
    written = read_written(write_reports("a", stated))
    assert set(rows_of(written, phantom_corpus, "test")) == set(phantom_corpus.rows("test"))
    with pytest.raises(CorpusError, match="not in the split pool"):
        rows_of(written, phantom_corpus, "pool")
