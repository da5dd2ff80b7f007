"""Reports from a table of their own, joined to images."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.archives import counted
from radtex.corpus.build import build
from radtex.corpus.flow import Flow
from radtex.corpus.joining.ids import unpadded
from radtex.corpus.joining.joinable import JoinedTable
from radtex.corpus.joining.joined_tables import Joins, join_tables
from radtex.corpus.record import Record, Rejection, Texts
from radtex.corpus.sources import open_source
from radtex.corpus.tables import Columns, Table
from radtex.errors import CorpusError


def image(number: int, **fields: str) -> Record:
    ids = {"image_id": f"i{number}", "study_id": f"s{number}", "patient_id": f"p{number}"}
    own = Texts(findings="Own.")
    return Record(**(ids | {"source_path": f"{number}.png"} | fields), texts=own)


def joined(records: list[Record], *rows: dict[str, str], flow: Flow | None = None) -> list[Record]:
    table = Table(Path("reports.csv"), tuple(rows[0]), rows)
    flow = flow or Flow(len(records))
    return join_tables(records, [JoinedTable.of_reports(table, Columns())], flow)[0]


def noted(flow: Flow) -> dict[str, int]:
    return {step["reason"]: step["rows"] for step in flow.steps() if step["step"] == "noted"}


def reports(folder: Path, text: str) -> Path:
    file = folder / "reports.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_image_goes_before_the_study_and_the_study_before_the_accession_number():
    records = [image(1, accession="s2"), image(2, accession="i1")]
    by_image = joined(records, {"image_id": "i1", "study_id": "s2", "findings": "New."})
    assert [record.texts.findings for record in by_image] == ["New.", "Own."]
    by_study = joined(records, {"image_id": "x", "study_id": "s2", "findings": "New."})
    assert [record.texts.findings for record in by_study] == ["Own.", "New."]
    by_accession = joined(records, {"study_id": "i1", "findings": "New."})
    assert [record.texts.findings for record in by_accession] == ["Own.", "New."]


def test_images_without_a_row_keep_their_texts_and_are_flagged():
    first, second = joined([image(1), image(2)], {"image_id": "i1", "findings": "New."})
    assert (first.flags, second.flags) == ((), ("no row in the reports",))
    assert second.texts.findings == "Own."


def test_a_key_of_two_patients_gives_neither_a_report():
    records = [image(1, study_id="s"), image(2, study_id="s"), image(3)]
    rows = ({"study_id": "s", "findings": "New."}, {"study_id": "s3", "findings": "New."})
    found = joined(records, *rows)
    assert [record.texts.findings for record in found] == ["Own.", "Own.", "New."]
    assert found[0].flags == ("reports: key stands for more than one patient",)


def test_odd_rows_of_the_table_are_noted_and_stop_a_strict_build():
    header = ("image_id", "findings")
    cells = [("i1", "New."), ("i1", "Other."), (" ", "Nobody's."), ("i9", "Unknown.")]
    rows = [dict(zip(header, row, strict=True)) for row in cells]
    table = Table(Path("reports.csv"), header, rows, [Rejection("line 6", "row is short")])
    flow = Flow(1)
    joinable = [JoinedTable.of_reports(table, Columns())]
    (record,), _ = join_tables([image(1)], joinable, flow)
    assert record.texts.findings == "New."
    assert noted(flow) == {
        "reports: key appears again, its first row was taken": 1,
        "reports: key is empty": 1,
        "reports: row is short": 1,
        "reports: row matches no image": 1,
    }
    with pytest.raises(CorpusError, match="line 3: reports: key appears again"):
        join_tables([image(1)], joinable, Flow(1, strict=True))


def test_reports_are_joined_by_image_id(make_table, tmp_path):
    texts = "image_id,findings\ni1,Effusion.\ni1,Other.\ni9,Nobody.\n"
    corpus = build(
        open_source("table", root=make_table(3)),
        tmp_path / "out",
        size=8,
        workers=1,
        reports=reports(tmp_path, texts),
    )
    assert corpus.index["findings"][1] == "Effusion."
    assert corpus.index["impression"][1] == ""
    assert corpus.index["findings"][2] == "The lungs are clear in film 2."
    assert counted(corpus) == {
        "in": 3,
        "kept": 3,
        "reports: key appears again, its first row was taken": 1,
        "reports: row matches no image": 1,
        "no row in the reports": 2,
    }


def test_reports_are_joined_by_study_where_they_name_no_image(make_table, tmp_path):
    file = make_table(3, {1: {"study_id": "s0"}})
    joined = reports(tmp_path, "Study ID,Text\ns0,Edema.\n")
    corpus = build(
        open_source("table", root=file), tmp_path / "out", size=8, workers=1, reports=joined
    )
    assert corpus.index["report"].tolist() == ["Edema.", "Edema.", ""]
    assert corpus.index["findings"].tolist()[:2] == ["Edema.", "Edema."]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("image_id,findings\nfilm-1,Clear.\n", "its image_id was compared with the image_id.*i0"),
        ("image_id,words\ni0,Clear.\n", "like findings, impression or report.*image_id, words"),
        ("case,findings\ni0,Clear.\n", "like image_id or study_id.*case, findings"),
    ],
)
def test_reports_that_cannot_be_joined_are_refused(make_table, tmp_path, text, message):
    with pytest.raises(CorpusError, match=message):
        build(
            open_source("table", root=make_table(2)),
            tmp_path / "out",
            reports=reports(tmp_path, text),
        )


def joins(
    records: list[Record],
    reports: list[dict[str, str]] | None = None,
    labels: list[dict[str, str]] | None = None,
    flow: Flow | None = None,
) -> tuple[list[Record], Joins]:
    tables = []
    if reports:
        table = Table(Path("reports.csv"), tuple(reports[0]), reports)
        tables.append(JoinedTable.of_reports(table, Columns()))
    if labels:
        table = Table(Path("labels.csv"), tuple(labels[0]), labels)
        tables.append(JoinedTable.of_labels(table, Columns()))
    return join_tables(records, tables, flow or Flow(len(records)))


def picture(name: str) -> Record:
    return Record(name, "", "", name)


def test_a_row_that_names_another_patient_gives_no_text():
    rows = [
        {"study_id": "s1", "patient_id": "p9", "report": "Mass."},
        {"study_id": "s2", "patient_id": "P2 ", "report": "Clear."},
    ]
    found, told = joins([image(1), image(2)], rows)
    assert [record.texts.findings for record in found] == ["Own.", "Clear."]
    assert found[0].flags == ("reports: row names another patient",)
    assert not any(line.startswith("WARNING") for line in told.lines)
    with pytest.raises(CorpusError, match="i1: reports: row names another patient"):
        joins([image(1), image(2)], rows, flow=Flow(2, strict=True))


def test_a_table_of_other_patients_alone_is_one_loud_line():
    rows = [{"study_id": f"s{n}", "patient_id": f"q{n}", "report": "Mass."} for n in (1, 2)]
    found, told = joins([image(1), image(2)], rows)
    assert [record.texts.findings for record in found] == ["Own.", "Own."]
    (warning,) = told.settings["join_warnings"]
    assert told.lines[-1] == f"WARNING: {warning}"
    assert "every row that names a patient (for 2 of 2 images) names ANOTHER" in warning


def test_labels_are_joined_by_accession_number_and_all_is_told():
    films = [image(n, accession=f"000{n}", patient_id="p") for n in (7, 8)]
    films.insert(1, image(9, accession="0007", patient_id="p"))
    labels = [{"accession": "7", "Edema": "1"}, {"accession": "5", "Edema": "0"}]
    flow = Flow(3)
    found, told = joins(films, labels=labels, flow=flow)
    assert [record.labels["Edema"] for record in found] == [1, 1, None]
    assert found[2].flags == ("no row in the labels",)
    assert told.lines[-1] == (
        "labels: 2 of 3 images by accession number (column accession); 1 row matches no image"
    )
    assert told.settings["labels_joined"] == ["Edema"]
    assert noted(flow) == {
        "labels: row matches no image": 1,
        "labels: key joined but for leading zeros or decimals, as spreadsheets change them": 1,
    }


@pytest.mark.parametrize("swapped", [False, True])
def test_a_picture_that_one_table_identifies_is_joined_to_the_other(swapped):
    by_path = {"path": r"a\x.png", "accession": "7", "patient": "12"}
    by_number = {"accession": "7"}
    reports, labels = (by_number, by_path) if swapped else (by_path, by_number)
    film = image(1, accession="0007", patient_id="0012")
    found, _ = joins(
        [picture("a/x.png"), film], [reports | {"report": "Clear."}], [labels | {"Edema": "1"}]
    )
    for record in found:
        assert (record.texts.findings, record.labels) == ("Clear.", {"Edema": 1})
        assert (record.patient_id, record.study_id) == ("0012", "s1")
    assert found[0].flags[0] == f"patient id from the {'labels' if swapped else 'reports'}"


def test_entries_that_are_no_records_keep_their_places():
    entries = [Rejection("x", "no image"), image(1), Rejection("y", "no image")]
    table = Table(Path("r.csv"), ("image_id", "report"), [{"image_id": "i1", "report": "Clear."}])
    found, _ = join_tables(entries, [JoinedTable.of_reports(table, Columns())], Flow(3))
    assert [found[0], found[2]] == [entries[0], entries[2]]
    assert found[1].texts.findings == "Clear."


IDS = st.sampled_from(["", "1", "01", "001", "2", "02", "A", "a ", "3.0"])


@given(
    st.lists(st.tuples(IDS, IDS), min_size=1, max_size=5),
    st.lists(st.tuples(IDS, IDS, IDS), min_size=1, max_size=6),
)
def test_no_image_gets_the_report_of_a_row_that_names_another_patient(films, rows):
    records = [
        image(number, accession=accession, patient_id=patient)
        for number, (accession, patient) in enumerate(films)
    ]
    table = [
        {"accession": accession, "file": f"{file}.png", "patient": patient, "report": f"Row {row}."}
        for row, (accession, file, patient) in enumerate(rows)
    ]
    found = records
    with suppress(CorpusError):  # no row matches an image
        found, _ = joins(records, table)
    for before, after in zip(records, found, strict=True):
        if after.texts.findings != "Own.":
            named = table[int(after.texts.findings.removeprefix("Row ").rstrip("."))]["patient"]
            if named.strip() and before.patient_id:
                assert unpadded(named) == unpadded(before.patient_id)
