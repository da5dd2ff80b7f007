from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fixtures.commands import Radtex
from radtex.classifiers.classifier import read_facts
from radtex.corpus.corpus import Corpus, write_corpus
from radtex.corpus.readings.label_table import bring_labels
from radtex.corpus.readings.random_order import places
from radtex.errors import CorpusError, OutputError, ProtocolError, RunError
from radtex.labelling.next_films import has_label, next_films

SEEN = {"encoder": "random", "backbone": "test_resnet"}


@pytest.fixture
def unlabelled(kept: Path, tmp_path: Path) -> Path:
    """The corpus of 600 studies without its labels, and those of Edema in a table `truth`."""
    whole = Corpus.open(kept / "corpus")
    labels = [column for column in whole.index.columns if column.startswith("label.")]
    folder = tmp_path / "corpus"
    folder.mkdir()
    info = {key: value for key, value in whole.info.items() if key != "content_hash"}
    write_corpus(folder, whole.index.drop(columns=labels), [whole.images], info)
    return folder


def filled_in(table: Path, kept: Path) -> Path:
    """Fill in a table of `next` with what the labels of the whole corpus say."""
    truth = Corpus.open(kept / "corpus").index.set_index("image_id")
    rows = pd.read_csv(table)
    for name in ("Edema", "Effusion"):
        rows[name] = truth.loc[rows["image_id"], f"label.{name}"].to_numpy()
    rows.to_csv(table, index=False)
    return table


def test_films_are_chosen_labelled_and_chosen_again(
    unlabelled: Path, kept: Path, tmp_path: Path
) -> None:
    said = next_films(unlabelled, ["Edema", "Effusion"], tmp_path / "1.csv", count=40, **SEEN)
    assert "8 at random, 32 because they stand for many others" in said
    first = pd.read_csv(tmp_path / "1.csv")
    assert first["Edema"].isna().all()
    assert set(first["chosen_by"]) == {"random", "diversity"}
    assert set(first.loc[first["chosen_by"] == "diversity", "split"]) == {"pool"}
    bring_labels(unlabelled, filled_in(tmp_path / "1.csv", kept))
    assert Corpus.open(unlabelled).label_names == ("Edema", "Effusion")
    said = next_films(unlabelled, ["Edema", "Effusion"], tmp_path / "2.csv", count=40, **SEEN)
    assert "because the heads are unsure of them" in said
    second = pd.read_csv(tmp_path / "2.csv")
    assert not set(first["study_id"]) & set(second["study_id"])
    assert second["study_id"].is_unique


def test_the_random_share_follows_the_order_of_ids_in_pool_and_test(
    unlabelled: Path, tmp_path: Path
) -> None:
    corpus = Corpus.open(unlabelled)
    index = corpus.index.drop_duplicates("study_id")
    order = places(corpus.patients[index.index].tolist(), index["study_id"].tolist())
    for splits in (["pool", "test"], ["pool"]):
        out = tmp_path / f"{len(splits)}.csv"
        next_films(unlabelled, ["Gout"], out, count=20, random_from=splits, random_share=1.0,
                   **SEEN)  # fmt: skip
        there = index["split"].isin(splits).to_numpy()
        expected = index["study_id"][there].iloc[np.argsort(order[there])[:20]]
        assert pd.read_csv(out)["study_id"].tolist() == expected.tolist()


def test_a_classifier_chooses_by_its_own_heads(kept: Path, tmp_path: Path) -> None:
    said = next_films(kept / "corpus", ["Edema", "Hernia"], tmp_path / "n.xlsx", count=20,
                      random_share=0, classifier=kept / "classifier",
                      label_sources=("human",))  # fmt: skip
    assert "10 because the heads are unsure of them" in said
    rows = pd.read_excel(tmp_path / "n.xlsx")
    assert rows.columns[-2:].tolist() == ["Edema", "Hernia"]
    with pytest.raises(ProtocolError, match="has no head of Gout; its heads are: Edema, Effusion"):
        next_films(kept / "corpus", ["Gout"], tmp_path / "g.csv", classifier=kept / "classifier")


@pytest.mark.parametrize(
    ("targets", "options", "error", "message"),
    [
        (["Edema"], {"encoder": None}, ProtocolError, "name either an encoder"),
        (["Edema"], {"classifier": "c"}, ProtocolError, "name either an encoder"),
        (["Edema"], {"count": 0}, ProtocolError, "0 films were asked for"),
        (["Edema"], {"random_share": 1.5}, ProtocolError, "it is 0 to 1"),
        (["edema"], {}, ProtocolError, "compares grades"),
        ([], {}, ProtocolError, "no target was named"),
        (
            ["Edema"],
            {"encoder": "nothing", "label_sources": ("human",)},
            RunError,
            "no encoder 'nothing'",
        ),
        (["Edema"], {}, CorpusError, "every study of the pool of .* has a label of Edema"),
    ],
)
def test_what_cannot_be_is_one_line(
    kept: Path, tmp_path: Path, targets, options, error, message
) -> None:
    with pytest.raises(error, match=message):
        next_films(kept / "corpus", targets, tmp_path / "n.csv", **(SEEN | options))
    assert not list(tmp_path.iterdir())


def test_an_output_is_not_overwritten(unlabelled: Path, tmp_path: Path) -> None:
    (tmp_path / "n.csv").write_text("mine")
    with pytest.raises(OutputError, match="already exists"):
        next_films(unlabelled, ["Edema"], tmp_path / "n.csv", **SEEN)


def test_a_study_has_a_label_if_one_of_its_images_has(corpus: Corpus) -> None:
    index = corpus.index.copy()
    index["label.Edema"] = pd.array([None] * len(index), dtype="Int8")
    index.loc[3, "label.Edema"] = 1
    found = has_label(replace(corpus, index=index), ["Edema", "Gout"], ("human", "archive"))
    assert np.flatnonzero(found).tolist() == [3, 603]


def test_only_what_was_chosen_at_random_calibrates_and_plans(
    unlabelled: Path, kept: Path, tmp_path: Path, radtex_command: Radtex
) -> None:
    """Of the pool 160 films are chosen to teach, 40 at random; the test is labelled at random."""
    targets = ("--targets", "Edema", "Effusion")
    choice = ("--encoder", "random", "--backbone", "test_resnet")
    for number, (count, share, split) in enumerate([(200, 0.2, "pool"), (200, 1.0, "test")]):
        table = tmp_path / f"{number}.csv"
        words = ("--count", count, "--random-share", share, "--random-from", split, "--out", table)
        assert radtex_command("next", unlabelled, *choice, *targets, *words).status == 0
        assert radtex_command("label", unlabelled, filled_in(table, kept)).status == 0
    plan = radtex_command("plan", unlabelled, *choice, *targets, "--budgets", 300, "--repeats", 2)
    chosen = Corpus.open(unlabelled).index
    assert (chosen["chosen_by"] == "diversity").sum() >= 160
    assert plan.status == 1
    assert "of `radtex next`, those that it chose for what they teach are no part" in plan.err
    ended = radtex_command(
        "transfer", unlabelled, "--encoders", "x=random", "--backbone", "test_resnet", *targets,
        "--budgets", 100, "--repeats", 1, "--save", tmp_path / "kept", "--out", tmp_path / "out",
    )  # fmt: skip
    assert ended.status == 0, ended.err
    flags = " ".join(read_facts(tmp_path / "kept")["flags"])
    assert "160 labelled studies of the pool were chosen by `radtex next`" in flags
    few = radtex_command(
        "transfer", unlabelled, "--encoders", "x=random", "--backbone", "test_resnet", *targets,
        "--budgets", 20, "--repeats", 1, "--save", tmp_path / "few", "--out", tmp_path / "out2",
    )  # fmt: skip
    assert "without the labels that `radtex next` chose for what they teach" in few.err


def test_films_come_from_the_pool_whether_or_not_it_is_named(
    unlabelled: Path, tmp_path: Path
) -> None:
    for number, name in enumerate((unlabelled, f"{unlabelled}:pool")):
        next_films(name, ["Edema"], tmp_path / f"{number}.csv", count=4, **SEEN)
    assert (tmp_path / "0.csv").read_bytes() == (tmp_path / "1.csv").read_bytes()
    with pytest.raises(CorpusError, match="films are chosen from split pool"):
        next_films(f"{unlabelled}:test", ["Edema"], tmp_path / "2.csv", **SEEN)
