"""`radtex corpus` as a user types it."""

from pathlib import Path

import pytest
from PIL import Image

from fixtures.commands import Radtex
from radtex.corpus.corpus import Corpus


def test_build_passes_its_options_on(radtex_command: Radtex, tmp_path: Path) -> None:
    out = tmp_path / "corpus"
    words = ["--studies", 6, "--seed", 3, "--size", 32, "--fit", "pad", "--split", "test"]
    words += ["--namespace", "ours", "--views", "all", "--workers", 1, "--label-reports"]
    assert radtex_command("corpus", "build", "phantom", "--out", out, *words).status == 0
    info = Corpus.open(out).info
    assert info["source"]["seed"] == 3
    asked = {"size": 32, "fit": "pad", "split": "test", "namespace": "ours", "views": "all"}
    assert info["options"].items() >= (asked | {"label_reports": True, "encoding": "utf-8"}).items()


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


def test_strict_stops_at_a_bad_row(
    radtex_command: Radtex, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("table.csv").write_text("image,patient_id\nnowhere.png,a\n", encoding="utf-8")
    ended = radtex_command("corpus", "build", "table", "table.csv", "--out", "c", "--strict")
    assert ended.status == 1
    assert "nowhere.png" in ended.err
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
