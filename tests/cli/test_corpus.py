"""`radtex corpus` as a user types it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from fixtures.commands import Radtex
from radtex.corpus.corpus import Corpus


def test_build_passes_its_options_on(radtex_command: Radtex, tmp_path: Path) -> None:
    out = tmp_path / "corpus"
    words = ["--studies", 6, "--seed", 3, "--size", 32, "--fit", "pad", "--split", "test"]
    words += ["--namespace", "ours", "--views", "all", "--workers", 1, "--label-reports"]
    words += ["--language", "english"]
    assert radtex_command("corpus", "build", "phantom", "--out", out, *words).status == 0
    info = Corpus.open(out).info
    assert info["source"]["seed"] == 3
    asked = {"size": 32, "fit": "pad", "split": "test", "namespace": "ours", "views": "all"}
    asked |= {"label_reports": True, "language": "english", "encoding": "utf-8"}
    assert info["options"].items() >= asked.items()


def test_reports_in_a_language_without_rules_are_not_labelled(
    radtex_command: Radtex, phantom_corpus: Corpus, tmp_path: Path
) -> None:
    Image.fromarray(phantom_corpus.images[0]).save(tmp_path / "film.png")
    (tmp_path / "table.csv").write_text(
        "image,patient_id,report\nfilm.png,a,Pas d'épanchement. Cœur de taille normale.\n",
        encoding="utf-8",
    )
    words = ("corpus", "build", "table", tmp_path / "table.csv", "--out", tmp_path / "c")
    refused = radtex_command(*words, "--workers", 1, "--label-reports")
    assert refused.status != 0
    assert "likely French" in " ".join(refused.err.split())
    assert not (tmp_path / "c").exists()
    built = radtex_command(*words, "--workers", 1)
    assert built.status == 0, built.err
    assert "noted: report not understood, 100.0%" in built.out


def test_build_reads_a_table_by_the_columns_that_are_named(
    radtex_command: Radtex, phantom_corpus: Corpus, tmp_path: Path
) -> None:
    Image.fromarray(phantom_corpus.images[0]).save(tmp_path / "film.png")
    (tmp_path / "table.csv").write_text(
        "picture,who,text,Edema,note\nfilm.png,a,No edema.,0,x\n", encoding="utf-8"
    )
    columns = ["--image-column", "picture", "--patient-id-column", "who", "--report-column", "text"]
    ended = radtex_command(
        *("corpus", "build", "table", tmp_path / "table.csv", "--out", tmp_path / "c"),
        *(*columns, "--labels", "Edema", "--workers", 1),
    )
    assert ended.status == 0, ended.err
    corpus = Corpus.open(tmp_path / "c")
    assert corpus.label_names == ("Edema",)
    assert corpus.index["patient_id"].tolist() == ["a"]
    assert corpus.index["report"].tolist() == ["No edema."]


@pytest.fixture
def export(write_dicom: Callable[..., object], tmp_path: Path) -> Path:
    """Two films with accession numbers, and tables of reports and labels."""
    for number in (1, 2):
        ids = {"PatientID": f"p{number}", "AccessionNumber": f"000{number}"}
        write_dicom(tmp_path / "export" / str(number), **ids)
    (tmp_path / "reports.csv").write_text("order,words\n1,Clear.\n2,Edema.\n", encoding="utf-8")
    (tmp_path / "labels.csv").write_text("order,Edema,x\n1,0,1\n2,1,0\n", encoding="utf-8")
    return tmp_path


def test_build_joins_tables_by_the_columns_that_are_named(
    radtex_command: Radtex, export: Path
) -> None:
    words = ["--reports", export / "reports.csv", "--labels", export / "labels.csv"]
    words += ["--accession-column", "order", "--report-column", "words", "--label-columns", "Edema"]
    out = export / "corpus"
    ended = radtex_command("corpus", "build", "dicom", export / "export", "--out", out, *words)
    assert ended.status == 0, ended.err
    corpus = Corpus.open(out)
    assert corpus.label_names == ("Edema",)
    table = corpus.index.set_index("patient_id")
    assert table["report"].to_dict() == {"p1": "Clear.", "p2": "Edema."}
    assert table["label.Edema"].to_dict() == {"p1": 0, "p2": 1}
    told = "2 of 2 images by accession number (column order); every row matches an image"
    assert f"reports: {told}" in ended.err
    assert corpus.info["source"]["joined"] == {"reports": told, "labels": told}


def test_a_table_takes_names_of_labels_or_a_table_of_labels(
    radtex_command: Radtex, phantom_corpus: Corpus, tmp_path: Path
) -> None:
    Image.fromarray(phantom_corpus.images[0]).save(tmp_path / "film.png")
    (tmp_path / "table.csv").write_text(
        "picture,patient,Edema,x\nfilm.png,a,0,1\n", encoding="utf-8"
    )
    (tmp_path / "labels.csv").write_text("file,Edema\nfilm.png,1\n", encoding="utf-8")
    build = ("corpus", "build", "table", tmp_path / "table.csv", "--image-column", "picture")
    named = radtex_command(*build, "--out", tmp_path / "a", "--labels", "Edema", "x")
    assert named.status == 0, named.err
    assert Corpus.open(tmp_path / "a").label_names == ("Edema", "x")
    one = radtex_command(*build, "--out", tmp_path / "b", "--label-columns", "x")
    assert one.status == 0, one.err
    assert Corpus.open(tmp_path / "b").label_names == ("x",)
    joined = radtex_command(*build, "--out", tmp_path / "c", "--labels", tmp_path / "labels.csv")
    assert joined.status == 0, joined.err
    assert Corpus.open(tmp_path / "c").index["label.Edema"].tolist() == [1]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--labels", "Edema"), "--labels Edema is no file; expected a table of labels"),
        (("--labels", "none.csv"), "none.csv does not exist"),
        (("--labels", "none.csv", "Edema"), "--labels takes one table, here none.csv, or names"),
        (("--label-columns", "Edema"), "--label-columns names columns of a table"),
        (("--report-column", "x"), "no table is read that could have a column x; give one by"),
        (
            ("--labels", "labels.csv", "--age-column", "y", "--accession-column", "order"),
            "no table has a column y; the columns are: order, Edema, x",
        ),
    ],
)
def test_labels_and_columns_that_are_not_there_are_refused(
    radtex_command: Radtex,
    export: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    message: str,
) -> None:
    monkeypatch.chdir(export)
    ended = radtex_command("corpus", "build", "dicom", "export", "--out", "corpus", *words)
    assert ended.status == 1
    assert re.search(message, ended.err), ended.err
    assert not Path("corpus").exists()


def test_strict_stops_at_a_bad_row(
    radtex_command: Radtex, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("table.csv").write_text("image,patient_id\nnowhere.png,a\n", encoding="utf-8")
    words = ["corpus", "build", "table", "table.csv", "--out", "c", "--strict"]
    ended = radtex_command(*words)
    assert ended.status == 1
    assert "line 2: image file is missing" in ended.err
    assert "nowhere.png" not in ended.err
    assert "nowhere.png: image file is missing" in radtex_command(*words, "--show-names").err
    assert not Path("c").exists()


def test_describe_prints_counts_and_draws_a_sheet(
    radtex_command: Radtex, phantom_corpus: Corpus, tmp_path: Path
) -> None:
    sheet = tmp_path / "sheet.png"
    ended = radtex_command("corpus", "describe", phantom_corpus.path, "--sheet", sheet)
    assert "Cardiomegaly" in ended.out
    assert sheet.read_bytes().startswith(b"\x89PNG")


def test_sources_lists_what_can_be_read(radtex_command: Radtex) -> None:
    printed = radtex_command("corpus", "sources").out
    assert "mimic-cxr-jpg\n    on disk" in printed


def test_fetch_says_where_to_apply(radtex_command: Radtex, tmp_path: Path) -> None:
    ended = radtex_command("corpus", "fetch", "mimic-cxr-jpg", tmp_path / "m")
    assert ended.status == 1
    assert "physionet.org" in ended.err
    assert not (tmp_path / "m").exists()


def test_audit_prints_and_writes_what_it_found(
    radtex_command: Radtex, phantom_corpus: Corpus, tmp_path: Path
) -> None:
    words = ("corpus", "audit", phantom_corpus.path, "--targets", "Cardiomegaly")
    ended = radtex_command(*words, "--out", tmp_path / "audit")
    assert ended.status == 0, ended.err
    assert ended.out.splitlines()[1].startswith("Cardiomegaly  spectrum         location-free")
    assert (tmp_path / "audit" / "audit.png").is_file()
    again = radtex_command(*words, "--out", tmp_path / "audit")
    assert again.status != 0
    assert "already exists" in " ".join(again.err.split())
