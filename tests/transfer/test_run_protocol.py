import logging
from dataclasses import replace

import numpy as np
import pytest

from radtex.corpus.pseudonyms.pseudonyms import KeyedPatients, Pseudonyms
from radtex.errors import ProtocolError
from radtex.models.film_hashes import film_hashes
from radtex.transfer.evidence.result_tables import table
from radtex.transfer.protocols import linear
from radtex.transfer.protocols.finetune import Finetune
from radtex.transfer.protocols.finetuning_options import FinetuningOptions

BUDGETS = (20, 60, 160)


@pytest.fixture(scope="module")
def contestants(contestant):
    return [
        contestant("text", "radtex", 1, frozenset({"elsewhere"})),
        contestant("rival", "supervised", 2, frozenset({"elsewhere"})),
        contestant("photos", "imagenet", 3),
        contestant("noise", "random", 4),
    ]


@pytest.fixture(scope="module")
def results(run, contestants):
    return run(contestants)


def test_the_primary_family_is_logged_before_the_first_score(run, contestants, caplog, monkeypatch):
    def unreachable(*_):
        raise AssertionError("scored")

    monkeypatch.setattr(linear, "fit_probes", unreachable)
    with caplog.at_level(logging.INFO), pytest.raises(AssertionError, match="scored"):
        run(contestants)
    assert "primary family text − rival, text − photos at 20/60/160 labels" in caplog.text


def test_patients_on_both_sides_stop_the_run_with_the_count(run, corpus, contestants):
    both = np.concatenate([corpus.rows("test"), corpus.rows("pool")[:7]])
    shared = len(set(corpus.patients[corpus.rows("pool")[:7]]))
    with pytest.raises(ProtocolError, match=f"{shared} patients are both in the pool and in the"):
        run(contestants, test=both)


@pytest.mark.parametrize("split", ["pool", "test"])
def test_an_encoder_that_saw_the_patients_stops_the_run(run, corpus, contestants, split):
    five = np.unique(corpus.patients[corpus.rows(split)])[:5]
    seen = np.flatnonzero(np.isin(corpus.patients, five))
    leaky = replace(contestants[0], patients=Pseudonyms.of_corpus(corpus, seen))
    with pytest.raises(ProtocolError, match=f"5 patients .* training of text and in the {split}"):
        run([leaky, *contestants[1:]])


def test_an_encoder_whose_patients_another_key_hides_is_measured_and_flagged(
    run, corpus, contestants
):
    test = corpus.rows("test")
    of_another_site = Pseudonyms(
        {"0123456789abcdef": KeyedPatients(frozenset({"f" * 64}), frozenset({"made"}))}
    )
    films = film_hashes(corpus.images, test[:2])
    hidden = replace(contestants[0], patients=of_another_site, films=films)
    found = run([hidden, *contestants[2:]], budgets=(20,), repeats=1)
    ((noted),) = found.protocol["unchecked_patients"]
    assert noted["encoder"] == "text"
    assert noted["roles"] == ["pool", "test"]
    (flag,) = [flag for flag in found.flags if flag.startswith("No check could be made")]
    assert "0123456789abcdef" in flag
    assert flag in table(found)
    assert found.protocol["films_seen"]["text"] == 2  # told by their pixels all the same
    elsewhere = KeyedPatients(frozenset({"f" * 64}), frozenset({"another archive"}))
    hidden = replace(hidden, patients=Pseudonyms({"0123456789abcdef": elsewhere}))
    found = run([hidden, *contestants[2:]], budgets=(20,), repeats=1)
    assert found.protocol["unchecked_patients"] == []


def test_one_seed_gives_one_result_and_another_another(run, contestants, results):
    again, other = run(contestants), run(contestants, seed=1)
    assert again.scores.equals(results.scores)
    assert again.mean_auc == results.mean_auc
    assert again.paired == results.paired
    assert not other.scores.equals(results.scores)


def test_the_order_of_budgets_does_not_matter(run, contestants, results):
    assert run(contestants, budgets=BUDGETS[::-1]).scores.equals(results.scores)


def test_a_target_that_cannot_be_measured_is_out_everywhere_and_named(results):
    assert set(results.scores["target"]) == {"Edema", "Effusion"}
    assert list(results.protocol["excluded"]) == ["Hernia"]
    assert any("Hernia is left out at every budget" in flag for flag in results.flags)


def test_draws_are_the_same_for_every_encoder(results):
    drawn = results.scores.groupby(["target", "budget", "repeat"])["n_positive"].nunique()
    assert (drawn == 1).all()


def test_pool_and_test_have_one_image_size(run, corpus, contestants):
    large = replace(corpus, info=corpus.info | {"size": 32})
    with pytest.raises(ProtocolError, match="pool's images are 32 px wide and the test's 16 px"):
        run(contestants, pool_corpus=large)


def test_two_contestants_of_one_name_stop_the_run(run, contestants):
    with pytest.raises(ProtocolError, match="named twice: text"):
        run([contestants[0], contestants[0]])


def test_options_that_cannot_be_stop_the_run_before_anything_is_read(run, contestants):
    protocol = Finetune(FinetuningOptions(steps=0))
    with pytest.raises(ProtocolError, match="0 steps of fine-tuning train nothing"):
        run(contestants, protocol=protocol, budgets=())


@pytest.mark.parametrize("side", [1, 0])
def test_a_test_whose_class_is_of_one_patient_leaves_the_target_out(run, corpus, contestants, side):
    rows = corpus.rows("test")
    labels = corpus.index["label.Edema"].to_numpy()[rows]
    one = corpus.patients[rows[labels == side]][0]
    kept = rows[(labels != side) | (corpus.patients[rows] == one)]
    found = run(contestants, test=kept)
    assert found.protocol["targets"] == ["Effusion"]
    called = "positive" if side else "negative"
    assert f"test has {called} studies of 1 patient, and 10" in found.protocol["excluded"]["Edema"]
    assert any(flag.startswith("Edema is left out at every budget") for flag in found.flags)


def test_uncertain_labels_of_the_test_are_no_truth_unless_asked_for(run, corpus, contestants):
    index = corpus.index.copy()
    uncertain = np.arange(0, len(index), 5)
    index.loc[uncertain, "label.Edema"] = -1
    unsure = replace(corpus, index=index)
    tested = np.intersect1d(unsure.rows("test"), uncertain)

    def studies(**design):
        found = run(
            contestants[:1], budgets=(20,), repeats=1, pool_corpus=unsure, test_corpus=unsure,
            label_policy="u-ones", **design,
        )  # fmt: skip
        return found, int(found.scores.query("target == 'Edema'")["n_test"].iloc[0])

    definite, count = studies()
    assert definite.protocol["label_policy"]["name"] == "u-ones"
    assert definite.protocol["test_label_policy"] == {
        "name": "definite",
        "description": "uncertain labels are left out, blank is absent",
    }
    as_asked, all_count = studies(test_label_policy="u-ones")
    assert as_asked.protocol["test_label_policy"]["name"] == "u-ones"
    assert 0 < all_count - count <= len(tested)


def test_the_policy_of_the_test_is_logged_before_the_first_score(run, contestants, caplog):
    with caplog.at_level(logging.INFO):
        run(contestants[:1], budgets=(20,), repeats=1)
    assert "labels of the test: definite (uncertain and blank labels are left out)" in caplog.text


def test_a_budget_beyond_the_pool_says_where_more_labels_are(run, corpus, contestants):
    pool, others = corpus.rows("pool"), ("train", "validate", "test")
    with pytest.raises(ProtocolError, match="more labelled studies are elsewhere") as caught:
        run(contestants[2:], budgets=(20, len(pool) + 1), repeats=1)
    message = str(caught.value)
    for split in others:
        if (corpus.index["split"] == split).any():
            assert f" in {split}" in message
    assert "`corpus build --labelled pool`" in message


def test_a_pool_whose_corpus_has_no_other_labels_says_so(run, corpus, contestants):
    labels = [name for name in corpus.index.columns if name.startswith("label.")]
    blank = corpus.index[labels].copy()
    blank[corpus.index["split"] != "pool"] = None
    bare = replace(corpus, index=corpus.index.assign(**{name: blank[name] for name in labels}))
    with pytest.raises(ProtocolError, match="no other split of its corpus has labels either"):
        run(contestants[2:], budgets=(20, 9_999), repeats=1, pool_corpus=bare)
