"""Exports as encoders of a comparison."""

from pathlib import Path

import numpy as np

from radtex.interchange.export import export
from radtex.models.encoders.exported_encoder import exported_encoder
from radtex.models.encoders.timm_and_files import is_foreign, names_foreign_weights
from radtex.transfer.contestants.conditions import reservations
from radtex.transfer.contestants.entries import contestants
from radtex.transfer.contestants.features import extracted_features


def test_an_export_has_the_features_of_its_run_and_unknown_patients(
    writing_run: Path, phantom_corpus, tmp_path: Path
) -> None:
    folder = export(writing_run, "hub", tmp_path / "mine")
    run, exported = contestants([str(writing_run), str(folder)], phantom_corpus, 0)
    rows = np.arange(5)
    ours, theirs = (
        extracted_features(each, phantom_corpus.images, rows) for each in (run, exported)
    )
    np.testing.assert_array_equal(ours.numpy(), theirs.numpy())
    assert (exported.name, exported.role) == ("mine", "other")
    assert "patients are unknown" in " ".join(reservations([exported]))
    assert is_foreign(str(folder))
    assert names_foreign_weights(str(folder))


def test_its_archives_and_its_weights_stand_in_the_record(
    writing_run: Path, kept: Path, tmp_path: Path
) -> None:
    described = exported_encoder(export(writing_run, "hub", tmp_path / "a"), "a").description
    assert described["weights"].startswith("export a, SHA-256 ")
    assert (described["trained"], described["namespaces"]) == ("elsewhere", ["phantom"])
    classifier = exported_encoder(export(kept / "classifier", "hub", tmp_path / "b"), "b")
    assert classifier.description["namespaces"] == ["made"]
    assert classifier.encoder.backbone == "test_resnet"
