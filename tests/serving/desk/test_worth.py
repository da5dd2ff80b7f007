"""What labels are worth: the curve of plan, and a classifier of them."""

import json
import shutil
import subprocess
import threading
from pathlib import Path

import numpy as np
import pytest

from radtex.classifiers.classifier import load_classifier
from radtex.corpus.corpus import Corpus
from radtex.errors import ProtocolError
from radtex.serving.desk.label_desk import LabelDesk
from radtex.serving.desk.worth import MORE, Planner, Retraining
from radtex.transfer.planning.plan import plan


@pytest.fixture
def desk(kept: Path, writing_run: Path, tmp_path: Path) -> LabelDesk:
    """For Gout, which is what Effusion is, on a corpus of 600 studies."""
    shutil.copytree(kept / "corpus", tmp_path / "corpus")
    return LabelDesk(Corpus.open(tmp_path / "corpus"), [writing_run], ["Gout"])


def label(desk: LabelDesk, split: str, count: int) -> None:
    index = desk.corpus.index
    truth = index["label.Effusion"].to_numpy(np.int64)
    for row in desk.corpus.rows(split)[:count].tolist():
        desk.save("a", row, {"Gout": int(truth[row])}, done=True)


def test_the_curve_is_that_of_plan(desk: LabelDesk, writing_run: Path, tmp_path: Path) -> None:
    planner = Planner(desk)
    assert planner.is_due()
    planner.compute()
    assert planner.last is not None
    assert planner.last.why == "There are no labels in the pool yet."
    label(desk, "pool", 80)
    assert planner.is_due()
    planner.compute()
    assert not planner.is_due()
    found = planner.last.content
    budgets = [80, *(80 + more for more in MORE)]
    assert [int(each) for each in found["mean_auc"]] == budgets
    out = tmp_path / "plan.json"
    plan(desk.labelled_corpus(), str(writing_run), ["Gout"], budgets, out=out)
    assert found == json.loads(out.read_text())


def test_too_few_labels_are_a_sentence(desk: LabelDesk) -> None:
    label(desk, "pool", 10)
    planner = Planner(desk)
    planner.compute()
    assert planner.last is not None
    assert planner.last.content == {}
    assert planner.last.why[0].isupper()
    assert planner.last.why.endswith(".")


def test_without_a_run_there_is_no_curve_and_no_classifier(desk: LabelDesk, kept: Path) -> None:
    alone = LabelDesk(desk.corpus, [kept / "classifier"], ["Gout"])
    planner = Planner(alone)
    planner.compute()
    assert planner.last is not None
    assert "needs a run" in planner.last.why
    with pytest.raises(ProtocolError, match="serve one"):
        Retraining(alone).start()


@pytest.mark.soak
def test_a_classifier_is_made_of_the_labels(desk: LabelDesk) -> None:
    retraining = Retraining(desk)
    with pytest.raises(ProtocolError, match="no labels"):
        retraining.start()
    label(desk, "pool", 60)
    label(desk, "test", 60)
    assert retraining.start()
    assert not retraining.start()
    retraining.work()
    assert retraining.state == "done", retraining.said
    assert retraining.classifier is not None
    made = load_classifier(retraining.classifier)
    assert [target.name for target in made.targets] == ["Gout"]
    journal = Corpus.open(desk.corpus.path).journal
    assert len(journal.standing) == 1
    label(desk, "pool", 70)
    assert retraining.start()
    journal = Corpus.open(desk.corpus.path).journal
    assert len(journal.standing) == 1
    assert len(set(journal.standing[0].images)) >= 130


def test_why_there_is_none_is_a_sentence(desk: LabelDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    label(desk, "pool", 5)
    retraining = Retraining(desk)
    assert retraining.start()

    def ended(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess([], 1, "", "noise\nradtex: too few labels\n")

    monkeypatch.setattr(subprocess, "run", ended)
    thread = threading.Thread(target=retraining.work)
    thread.start()
    thread.join()
    assert (retraining.state, retraining.said) == ("failed", "Too few labels.")
