"""Which models can be served together."""

from pathlib import Path

import pytest

from radtex.errors import RunError
from radtex.serving.answering.opened_models import ModelHolder
from radtex.serving.problems import ProblemError


def test_one_of_each_kind_in_any_order(writing_run: Path, kept: Path) -> None:
    for paths in ((writing_run, kept / "classifier"), (kept / "classifier", writing_run)):
        holder = ModelHolder(paths)
        with pytest.raises(ProblemError, match="still being loaded"):
            _ = holder.models
        holder.load()
        models = holder.models
        assert models.run is not None
        assert models.classifier is not None
        assert holder.seconds_per_film > 0
        assert len(models.squares) == 2


def test_two_of_a_kind_and_what_is_none_are_refused(
    writing_run: Path, kept: Path, tmp_path: Path
) -> None:
    with pytest.raises(RunError, match="both runs"):
        ModelHolder((writing_run, writing_run))
    with pytest.raises(RunError, match="both classifiers"):
        ModelHolder((kept / "classifier", kept / "classifier"))
    with pytest.raises(RunError, match="is no run"):
        ModelHolder((tmp_path,))
    with pytest.raises(RunError, match="name what is to be served"):
        ModelHolder(())


def test_an_unfinished_run_is_refused(writing_run: Path, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_bytes((writing_run / "config.yaml").read_bytes())
    with pytest.raises(RunError, match="unfinished"):
        ModelHolder((tmp_path,))


def test_a_classifier_can_be_replaced_while_it_is_used(writing_run: Path, kept: Path) -> None:
    holder = ModelHolder((writing_run,))
    holder.load()
    before = holder.models
    holder.replace_classifier(kept / "classifier")
    assert before.classifier is None
    assert holder.models.classifier is not None
    assert holder.models.run is before.run
