"""What must not be in a run: names in reports, ids of patients, and hashes that can be guessed."""

import hashlib
import logging
import re
from pathlib import Path

import numpy as np
import pytest

from fixtures.recipes import LEAN
from radtex.corpus.corpus import Corpus, write_corpus
from radtex.models.tokenizer import Tokenizer
from radtex.pretraining.data.captions import Captions
from radtex.pretraining.data.text_options import TextOptions
from radtex.pretraining.pretrain import pretrain
from radtex.pretraining.recipe import load_recipe

OF_FOUR = "Brzeczyszczykiewicz"
"""In the reports of four patients."""
OF_ONE = "Zbigniew"
"""In 25 reports of one patient."""
OF_FIVE = "Quetzal"
"""In the reports of five patients."""


@pytest.fixture(scope="module")
def hospital(phantom_corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """The phantom's films with ids and reports of a hospital's kind."""
    index = phantom_corpus.index.copy()
    index["patient_id"] = [f"MRN{4711000 + row}" for row in range(len(index))]
    index["patient_namespace"] = "st-mary"
    train = phantom_corpus.rows("train")
    assert len(train) >= 45
    often, four, five = train[:25], train[25:29], train[29:34]
    index.loc[often, "patient_id"] = "MRN4711999"
    for rows, said in (
        (often, f"{OF_ONE.upper()} seen on 17.03.2019."),
        (four[:2], f"Told Dr. {OF_FOUR}."),
        (four[2:], f"Dr.\n({OF_FOUR.lower()})."),
        (five, f"{OF_FIVE}."),
    ):
        index.loc[rows, "impression"] += f" {said}"
    folder = tmp_path_factory.mktemp("hospital") / "corpus"
    folder.mkdir()
    info = phantom_corpus.info | {"source": {"name": "dicom"}}
    write_corpus(folder, index, [np.array(phantom_corpus.images)], info)
    return Corpus.open(folder)


def spellings(word: str) -> list[bytes]:
    """A word in any way that a file may hold it."""
    cases = {word, word.lower(), word.upper()}
    return [each.encode(code) for each in cases for code in ("utf-8", "utf-16-le", "utf-16-be")]


def run_of(corpus: Corpus, out: Path, **options: object) -> Path:
    wanted = LEAN | {"vocabulary": 4000, "steps": 2, "checkpoint_every": 1} | options
    return pretrain(corpus, out, load_recipe("radtex-small", wanted))


@pytest.fixture(scope="module")
def run(hospital: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_of(hospital, tmp_path_factory.mktemp("runs") / "run")


def pieces(run: Path) -> set[str]:
    return set(Tokenizer.load(run / "tokenizer.json")._bpe.get_vocab())


def test_no_byte_of_a_run_tells_who_was_learnt_from(hospital: Corpus, run: Path) -> None:
    files = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    assert {"patients.txt", "films.safetensors", "config.yaml"} <= {path.name for path in files}
    assert any(path.parent.parent.name == "checkpoint" for path in files)
    secrets = [*spellings(OF_ONE), *spellings(OF_FOUR), *spellings("17.03.2019")]
    secrets += [str(hospital.path).encode()]
    for patient, bare in {*zip(hospital.patients, hospital.index["patient_id"], strict=True)}:
        digests = [hashlib.sha256(word.encode()) for word in (patient, bare)]
        secrets += [bare.encode(), bare.removeprefix("MRN").encode()]
        secrets += [digest.hexdigest().encode() for digest in digests]
        secrets += [digest.digest() for digest in digests]
    secrets += [image.encode() for image in hospital.index["image_id"]]
    found = {
        (path.name, secret)
        for path, content in files.items()
        for secret in secrets
        if secret in content
    }
    assert not found


def test_no_piece_spells_most_of_a_rare_name(hospital: Corpus, run: Path) -> None:
    common = " ".join(hospital.index["findings"] + hospital.index["impression"]).lower()
    common = re.sub(f"{OF_ONE}|{OF_FOUR}".lower(), "", common)
    for name in (OF_ONE.lower(), OF_FOUR.lower()):
        parts = {name[start : start + 4] for start in range(len(name) - 3)}
        parts = {part for part in parts if part not in common}
        assert len(parts) > 3
        assert not [piece for piece in pieces(run) if any(part in piece for part in parts)]


def test_a_word_of_five_patients_is_a_piece_and_asking_for_more_leaves_it_out(
    hospital: Corpus, run: Path, tmp_path: Path
) -> None:
    assert f"Ġ{OF_FIVE.lower()}" in pieces(run)
    strict = pieces(run_of(hospital, tmp_path / "strict", word_patients=6))
    assert f"Ġ{OF_FIVE.lower()}" not in strict
    loose = pieces(run_of(hospital, tmp_path / "loose", word_patients=1))
    assert {f"Ġ{OF_FOUR.lower()}", f"Ġ{OF_ONE.lower()}"} <= loose


def test_reports_that_are_dealt_to_others_count_for_their_own_patients(
    hospital: Corpus, run: Path, tmp_path: Path
) -> None:
    shuffled = run_of(hospital, tmp_path / "shuffled", shuffle_reports=True)
    assert (shuffled / "tokenizer.json").read_bytes() == (run / "tokenizer.json").read_bytes()


def test_the_same_key_gives_the_same_bytes_and_another_one_other_pseudonyms(
    hospital: Corpus, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = run_of(hospital, tmp_path / "again")
    assert {path.name: path.read_bytes() for path in again.iterdir() if path.is_file()} == {
        path.name: path.read_bytes() for path in run.iterdir() if path.is_file()
    }
    monkeypatch.setenv("RADTEX_SITE_KEY_FILE", str(tmp_path / "another.key"))
    other = run_of(hospital, tmp_path / "other")
    for path in run.iterdir():
        if path.is_file():
            same = (other / path.name).read_bytes() == path.read_bytes()
            assert same is (path.name != "patients.txt")


def test_texts_with_few_words_in_common_are_warned_of(
    hospital: Corpus, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def said(patients: int) -> str:
        caplog.clear()
        options = TextOptions(word_patients=patients)
        Captions.of_corpus(options, hospital, False, 0, tmp_path / "none.json")
        (record,) = caplog.records
        return f"{record.levelname} {record.message}"

    with caplog.at_level(logging.INFO):
        every, common = said(1), said(5)
    assert every.startswith("INFO tokenizer: ")
    assert every.endswith("of 1 patients or more; they make up 100.0 % of the training texts")
    assert common.startswith("WARNING tokenizer: ")
    assert common.endswith("if the reports hold no names, lower --word-patients")
