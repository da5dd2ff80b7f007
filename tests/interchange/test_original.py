"""What can be exported, and what is said of all else."""

from pathlib import Path

import pytest

from radtex.classifiers.classifier import digest_of
from radtex.errors import RunError
from radtex.interchange.original import open_original


def test_a_run_and_a_classifier_open(writing_run: Path, kept: Path) -> None:
    run, classifier = open_original(writing_run), open_original(kept / "classifier")
    assert (run.kind, classifier.kind) == ("run", "classifier")
    assert run.model is not None
    assert run.model.decoder is not None
    assert classifier.classifier is not None
    assert classifier.digest == digest_of(kept / "classifier")
    assert run.description()["objective"] == "joint"
    assert run.description()["preprocessing"]["size"] == 64


def test_what_is_neither_is_refused_in_one_line(kept: Path, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="does not exist; expected a run"):
        open_original(tmp_path / "nothing")
    with pytest.raises(RunError, match="neither a run nor a classifier"):
        open_original(kept / "corpus")
    with pytest.raises(RunError, match="name one: classifier"):
        open_original(kept)


def test_an_unfinished_run_is_refused(writing_run: Path, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_bytes((writing_run / "config.yaml").read_bytes())
    with pytest.raises(RunError, match="is unfinished"):
        open_original(tmp_path)
