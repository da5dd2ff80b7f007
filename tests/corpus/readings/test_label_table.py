from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fixtures.commands import Radtex
from radtex.corpus.build import build
from radtex.corpus.corpus import Corpus
from radtex.corpus.readings.label_table import bring_labels, label_state, records_of, undo_labels
from radtex.corpus.sources import open_source
from radtex.errors import CorpusError


@pytest.fixture
def built(write_dicom: Callable[..., object], tmp_path: Path) -> Path:
    """40 DICOM films of 36 studies of 20 patients, with accession numbers and no labels."""
    for number in range(40):
        study = min(number, 35)
        write_dicom(
            tmp_path / "export" / f"ward{number % 2}" / f"IM{number:03}",
            PatientID=f"p{study // 2}",
            StudyInstanceUID=f"1.2.{study}",
            SOPInstanceUID=f"1.2.3.{number}",
            AccessionNumber=f"000{500 + study}",
        )
    source = open_source("dicom", root=tmp_path / "export")
    return build(source, tmp_path / "corpus", size=16, workers=1).path


def table(folder: Path, rows: list[dict[str, object]], name: str = "labels.csv") -> Path:
    frame = pd.DataFrame(rows)
    if name.endswith(".xlsx"):
        frame.to_excel(folder / name, index=False)
    else:
        frame.to_csv(folder / name, index=False)
    return folder / name


def edema(corpus: Path) -> list[object]:
    opened = Corpus.open(corpus)
    return opened.index.sort_values("source_path")["label.Edema"].fillna(9).tolist()


@pytest.mark.parametrize(
    ("column", "key"),
    [
        ("Accession Number", lambda n: 500 + n),  # as a spreadsheet leaves it
        ("image", lambda n: f"D:\\export\\ward{n % 2}\\IM{n:03}"),
        ("SOPInstanceUID", lambda n: f"1.2.3.{n}"),
        ("study_id", lambda n: f"1.2.{n}"),
    ],
)
@pytest.mark.parametrize("name", ["labels.csv", "labels.xlsx"])
def test_labels_find_their_films_by_any_key(built: Path, tmp_path: Path, column, key, name) -> None:
    before = {p.name: p.read_bytes() for p in built.iterdir()}
    rows = [{column: key(n), "Edema": ("yes", "no")[n % 2]} for n in range(30)]
    said = bring_labels(built, table(tmp_path, rows, name))
    assert "reader: 30 studies; Edema 15 present, 15 absent" in said
    opened = Corpus.open(built)
    labelled = opened.index[opened.index["label.Edema"].notna()]
    assert labelled["study_id"].nunique() == 30
    for row in labelled.itertuples():
        study = int(row.study_id.rpartition(".")[2])
        assert row._asdict() is not None
        assert labelled.loc[row.Index, "label.Edema"] == 1 - study % 2
    assert set(opened.label_sources(["Edema"])[:, 0]) == {"human", ""}
    for file, content in before.items():
        assert (built / file).read_bytes() == content
    assert opened.content_hash == opened.info["content_hash"]


def test_a_row_of_one_image_speaks_for_its_study(built: Path, tmp_path: Path) -> None:
    bring_labels(built, table(tmp_path, [{"SOPInstanceUID": "1.2.3.37", "Edema": 1}]))
    opened = Corpus.open(built)
    assert (opened.index["label.Edema"] == 1).sum() == 5  # images 35 to 39


def test_bad_rows_are_named_by_number_and_the_others_taken(built: Path, tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"accession": 500, "patient": "p0", "Edema": 1},
        {"accession": 999, "patient": "", "Edema": 1},  # row 3
        {"accession": 501, "patient": "p9", "Edema": 1},  # row 4
        {"accession": "", "patient": "", "Edema": 0},  # row 5
        {"accession": 502, "patient": "p1", "Edema": "huge"},  # row 6
        {"accession": 503, "patient": "p1", "Edema": 0},
    ]
    said = bring_labels(built, table(tmp_path, rows))
    assert "1 row NOT TAKEN: it matches no image: row 3" in said
    assert "1 row NOT TAKEN: row names another patient: row 4" in said
    assert "1 row NOT TAKEN: its key is empty: row 5" in said
    assert "row NOT TAKEN: Edema: a label is none of 1, 0, −1, yes, no and blank" in said
    assert "another word: row 6" in said
    assert (Corpus.open(built).index["label.Edema"].notna()).sum() == 2


def test_numbers_of_rows_are_those_of_the_file(built: Path, tmp_path: Path) -> None:
    (tmp_path / "gaps.csv").write_text("accession,Edema\n\n500,1\n\n\n999,1\n")
    assert "it matches no image: row 6" in bring_labels(built, tmp_path / "gaps.csv")
    from openpyxl import Workbook

    book = Workbook()
    for row in (["Labels of March"], [], ["accession", "Edema"], [500, 1], [], [999, 1]):
        book.active.append(row)
    book.save(tmp_path / "gaps.xlsx")
    assert "it matches no image: row 6" in bring_labels(built, tmp_path / "gaps.xlsx")


@pytest.mark.parametrize("cells", ["10u1", "uuuu", ["u", "", "no", ""]])
def test_a_finding_of_ones_own_comes_back_from_the_table_that_next_wrote(
    built: Path, tmp_path: Path, cells: list[str]
) -> None:
    rows: list[dict[str, object]] = [
        {"accession": 500 + n, "chosen_by": "random", "Edema": 1, "Rib Notching": cell,
         "seen by": "1", "remark": "see her earlier film"}
        for n, cell in enumerate(cells)
    ]  # fmt: skip
    said = bring_labels(built, table(tmp_path, rows), reader_column="seen by")
    assert "Rib Notching" in said
    opened = Corpus.open(built)
    assert opened.label_names == ("Edema", "Rib Notching")
    stated = opened.index.drop_duplicates("study_id")["label.Rib Notching"].dropna()
    assert sorted(stated) == sorted({"1": 1, "0": 0, "no": 0, "u": -1}[c] for c in cells if c)


def test_several_readers_are_kept_apart_and_compared(built: Path, tmp_path: Path) -> None:
    rows = [
        {"accession": 500 + n, "Reader": who, "Edema": value}
        for n in range(20)
        for who, value in (("anna", n % 2), ("ben", n % 2 if n < 16 else 1 - n % 2))
    ]
    said = bring_labels(built, table(tmp_path, rows))
    assert "readers: anna, ben; consensus: the label that most readers gave" in said
    assert "Edema, anna and ben: 16 of 20 studies alike, kappa 0.60 [" in said
    assert edema(built).count(-1) == 4
    third = [{"accession": 500 + n, "Edema": 1} for n in range(16, 20)]
    bring_labels(built, table(tmp_path, third, "cleo.csv"), reader="cleo")
    opened = Corpus.open(built)
    assert (opened.index["label.Edema"] == 1).sum() >= 12
    assert -1 not in opened.index["label.Edema"].dropna().tolist()


def test_a_reader_who_comes_again_replaces_what_he_said(built: Path, tmp_path: Path) -> None:
    first = table(tmp_path, [{"accession": 500 + n, "Edema": 1} for n in range(6)])
    bring_labels(built, first, reader="anna")
    hashes = [Corpus.open(built).labels_hash]
    again = table(tmp_path, [{"accession": 500 + n, "Edema": 0} for n in range(3)])
    bring_labels(built, again, reader="anna")
    hashes.append(Corpus.open(built).labels_hash)
    assert [edema(built).count(value) for value in (1, 0)] == [3, 3]
    assert "table 2" in undo_labels(built)
    assert edema(built).count(1) == 6
    hashes.append(Corpus.open(built).labels_hash)
    assert hashes[0] == hashes[2] != hashes[1]
    bring_labels(built, again, reader="anna", replace=True)
    assert [edema(built).count(value) for value in (1, 0)] == [0, 3]


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        ([{"accession": 999, "Edema": 1}], {}, "no row of .* matches an image"),
        ([{"accession": 500, "Edema": ""}], {}, "no label of .* can be taken: all are blank"),
        ([{"accession": 500, "remark": "x"}], {}, "no column that looks like labels"),
        ([{"remark": "x", "Edema": 1}], {}, "no column that looks like image_id or study_id"),
        (
            [{"accession": 500, "reader": "anna", "Edema": 1}],
            {"reader": "ben"},
            "names readers in its column reader; leave one of them out",
        ),
        (
            [{"accession": 500, "reader": "", "Edema": 1}],
            {},
            "can be taken: 1 row NOT TAKEN: it names no reader: row 2",
        ),
        ([{"accession": 500, "Edema": 1}], {"reader_column": "who"}, "has no column who"),
        ([{"accession": 500, "Edema": 1}], {"label_columns": ["Mass"]}, "has no column Mass"),
    ],
)
def test_a_table_that_brings_nothing_is_refused(
    built: Path, tmp_path: Path, rows, options, message
) -> None:
    with pytest.raises(CorpusError, match=message):
        bring_labels(built, table(tmp_path, rows), **options)
    assert not (built / "labels.jsonl").exists()


def test_labels_that_are_in_train_are_said_to_be(built: Path, tmp_path: Path) -> None:
    rows = [{"accession": 500 + n, "Edema": n % 2} for n in range(36)]
    said = bring_labels(built, table(tmp_path, rows))
    assert "those in train may not be used by a run that read reports" in said
    assert said.splitlines()[-1] == label_state(Corpus.open(built))[-1]


def test_accession_numbers_are_kept_where_there_are_any(built: Path, phantom_corpus) -> None:
    assert records_of(Corpus.open(built))[0].accession.startswith("0005")
    assert "accession" not in phantom_corpus.index.columns
    assert {each.accession for each in records_of(phantom_corpus)} == {""}


def test_the_command_brings_and_undoes(built: Path, tmp_path: Path, radtex_command: Radtex) -> None:
    file = table(tmp_path, [{"accession": 500 + n, "Edema": n % 2} for n in range(8)])
    ended = radtex_command("label", built, file, "--reader", "anna")
    assert ended.status == 0, ended.err
    assert "anna: 8 studies; Edema 4 present, 4 absent" in ended.out
    assert "human" in radtex_command("corpus", "describe", built).out
    assert "undone: table 1" in radtex_command("label", built, "--undo").out
    assert np.array_equal(Corpus.open(built).label_names, ())
    for words in (("label", built), ("label", built, file, "--undo")):
        ended = radtex_command(*words)
        assert (ended.status, ended.err.count("\n")) == (1, 1)


def test_labels_of_one_split_leave_the_others_alone(built: Path, tmp_path: Path) -> None:
    rows = [{"SOPInstanceUID": f"1.2.3.{n}", "Edema": 1} for n in range(40)]
    brought = table(tmp_path, rows)
    said = bring_labels(f"{built}:pool", brought)
    opened = Corpus.open(built)
    assert set(opened.index.loc[opened.index["label.Edema"].notna(), "split"]) == {"pool"}
    assert f"{40 - len(opened.rows('pool'))} rows NOT TAKEN: its film is not in the split" in said
    with pytest.raises(CorpusError, match="no split 'bogus'"):
        bring_labels(f"{built}:bogus", brought)
    with pytest.raises(CorpusError, match="undone as a whole"):
        undo_labels(f"{built}:pool")
