"""What holds for all protocols, or tells them apart."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from radtex.corpus.corpus import write_corpus
from radtex.errors import OutputError, ProtocolError
from radtex.files import sole_writer
from radtex.models.encoder import Encoder
from radtex.transfer.contestants.lineup import Lineup
from radtex.transfer.design import Design
from radtex.transfer.evidence.write import write_evidence
from radtex.transfer.protocols import sweep as sweep_module
from radtex.transfer.protocols.finetune import Finetune
from radtex.transfer.protocols.finetuned_network import finetune
from radtex.transfer.protocols.finetuning_options import FinetuningOptions
from radtex.transfer.protocols.registry import open_protocol
from radtex.transfer.sampling.experiment import draw_experiment
from radtex.transfer.sampling.studies import Studies
from radtex.transfer.transfer import transfer

FROZEN = ("linear", "knn", "prototype")


@pytest.fixture(scope="module")
def contestants(contestant):
    return [contestant("text", "radtex", 1), contestant("noise", "random", 2)]


@pytest.mark.parametrize("protocol", FROZEN)
def test_the_signal_is_found_and_the_encoder_stays_frozen(run, contestants, protocol):
    encoder = contestants[0].encoder.train()
    before = {name: tensor.clone() for name, tensor in encoder.state_dict().items()}
    results = run(contestants, protocol=protocol)
    assert results.mean_auc["text"][160].low > 0.6
    assert set(results.scores["protocol"]) == {protocol}
    assert results.protocol["name"] == protocol
    assert all(torch.equal(before[name], now) for name, now in encoder.state_dict().items())


@pytest.mark.parametrize("protocol", FROZEN)
def test_labels_and_studies_outside_the_draw_change_no_score(protocol):
    measured = open_protocol(protocol).measure_features
    rng = np.random.default_rng(0)
    features = torch.tensor(rng.normal(size=(500, 12)), dtype=torch.float32)
    labels = (features[:, :1].numpy() > 0.5).astype(np.float32)
    pool, test = (
        Studies(labels[part], np.arange(len(labels[part])), np.arange(len(labels[part])))
        for part in (slice(0, 300), slice(300, 500))
    )
    experiment = draw_experiment(pool, test, Design(("Edema",), (40,), 1))
    drawn = experiment.draws[0].studies
    expected = measured(experiment, features[:300], features[300:], "it").auc

    flipped = 1 - pool.labels
    flipped[drawn] = pool.labels[drawn]
    elsewhere = torch.full_like(features[:300], torch.nan)
    elsewhere[drawn] = features[drawn]
    leaky = replace(experiment, pool=replace(pool, labels=flipped))
    found = measured(leaky, elsewhere, features[300:], "it").auc
    assert expected.min() > 0.7
    np.testing.assert_array_equal(found, expected)


def test_each_protocol_reports_what_it_chose(run, contestants, tmp_path):
    summaries = {}
    for protocol in FROZEN:
        results = run(contestants, protocol=protocol, budgets=(20,))
        write_evidence(results, tmp_path / protocol)
        summaries[protocol] = json.loads((tmp_path / protocol / "summary.json").read_text())
    chosen = {name: (each["strengths"], each["neighbours"]) for name, each in summaries.items()}
    assert chosen["prototype"] == ({}, {})
    assert chosen["linear"][1] == chosen["knn"][0] == {}
    for shares in (*chosen["linear"][0].values(), *chosen["knn"][1].values()):
        assert sum(shares.values()) == pytest.approx(1)
    assert "strengths" in summaries["linear"]["protocol"]
    assert "strengths" not in summaries["knn"]["protocol"]


def test_a_shared_budget_reports_the_definite_labels_of_each_target(run, corpus, contestants):
    index = corpus.index.copy()
    blank = np.random.default_rng(0).random(600) < 0.3
    index.loc[np.r_[blank, blank[:120]], "label.Edema"] = None
    sparse = replace(corpus, index=index)
    results = run(contestants, sampling="shared", pool_corpus=sparse, budgets=(40, 160))
    counts = results.scores.groupby(["target", "budget"])["n_labelled"]
    assert (counts.min()["Effusion"] == [40, 160]).all()
    assert (counts.max()["Edema"] < [40, 160]).all()
    assert (
        results.scores.groupby(["target", "budget", "repeat"])["n_labelled"].nunique() == 1
    ).all()
    assert any(flag.startswith("A budget of N is one set of N studies") for flag in results.flags)
    assert any("Definite labels among 160 shared studies" in flag for flag in results.flags)


def test_balanced_draws_hold_half_of_each_class(run, contestants):
    scores = run(contestants, prevalence="balanced", budgets=(20, 60)).scores
    assert (2 * scores["n_positive"] == scores["budget"]).all()


def test_one_set_cannot_be_balanced_for_several_targets(run, contestants):
    with pytest.raises(ProtocolError, match="cannot be balanced for several targets"):
        run(contestants, sampling="shared", prevalence="balanced")


@pytest.fixture(scope="module")
def stored(corpus, tmp_path_factory):
    folder = tmp_path_factory.mktemp("stored") / "corpus"
    folder.mkdir()
    images = corpus.images.repeat(4, 1).repeat(4, 2)  # no encoder of timm takes smaller ones
    write_corpus(folder, corpus.index, [images], corpus.info | {"size": 64})
    return str(folder)


def tune(stored, out):
    return transfer(
        stored,
        Lineup(("random",), "resnet10t"),
        Design(("Edema", "Effusion"), (20, 40), 1, sampling="shared"),
        out,
        protocol=Finetune(FinetuningOptions(steps=1), workers=1),
    )


def test_the_command_goes_on_after_an_interruption_and_leaves_nothing_but_evidence(
    stored, tmp_path, monkeypatch
):
    fitted = []

    def interrupted(*arguments):
        if fitted:
            raise KeyboardInterrupt
        fitted.append(1)
        return finetune(*arguments)

    monkeypatch.setattr(sweep_module, "finetune", interrupted)
    with pytest.raises(KeyboardInterrupt):
        tune(stored, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == [".out.fits"]
    monkeypatch.setattr(sweep_module, "finetune", finetune)
    assert "Mean AUC over targets (2)" in tune(stored, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_two_processes_do_not_work_on_one_folder(stored, tmp_path):
    with (
        sole_writer(tmp_path / "out"),
        pytest.raises(OutputError, match="another process is at work"),
    ):
        tune(stored, tmp_path / "out")


def test_encoders_of_another_image_size_need_consent(stored, tmp_path):
    weights = Encoder("resnet10t", 64).network.state_dict()
    save_file(weights, tmp_path / "other.safetensors")
    lineup = Lineup(("random", f"file:{tmp_path / 'other.safetensors'}"), "resnet10t")
    design, out = Design(("Edema",), (20,), 1), tmp_path / "out"
    with pytest.raises(ProtocolError, match=r"random 64, other.safetensors 176; .*--unequal-inp"):
        transfer(stored, lineup, design, out)
    assert not out.exists()
    transfer(stored, replace(lineup, unequal_inputs=True), design, out)
    flags = json.loads((out / "summary.json").read_text())["flags"]
    assert any("made for another size (px): other.safetensors 176" in each for each in flags)
