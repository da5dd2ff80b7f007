from dataclasses import replace

import pytest
import torch
from distributed import LocalCluster
from torch import nn

from radtex.corpus.corpus import Corpus, write_corpus
from radtex.errors import ProtocolError
from radtex.parallel import dask_cluster
from radtex.transfer.contestants.leave_target_out import leave_target_out
from radtex.transfer.design import Design
from radtex.transfer.evidence.write import write_evidence
from radtex.transfer.protocols import sweep as sweep_module
from radtex.transfer.protocols.finetune import Finetune
from radtex.transfer.protocols.finetuned_network import finetune
from radtex.transfer.protocols.finetuning_options import FinetuningOptions
from radtex.transfer.run_protocol import run_protocol

FEW = FinetuningOptions(steps=4, learning_rate=0.01)


@pytest.fixture(scope="module")
def contestants(contestant):
    return [contestant("text", "radtex", 1), contestant("noise", "random", 2)]


@pytest.fixture
def tuned(run, contestants):
    """Fine-tune on budgets of 20 and 60, twice: 8 fits of each contestant, or 4 with one head."""

    def tuned(folder=None, who=contestants, options=FEW, **design):
        design = {"budgets": (20, 60), "repeats": 2} | design
        return run(who, protocol=Finetune(options, workers=1), folder=folder, **design)

    return tuned


def contents(results, out):
    write_evidence(results, out)
    return {file.name: file.read_bytes() for file in out.iterdir()}


@pytest.mark.parametrize("sampling", ["per-target", "shared"])
def test_an_interrupted_sweep_goes_on_to_the_same_bytes(tuned, tmp_path, monkeypatch, sampling):
    whole = tuned(sampling=sampling)
    ran = []

    def counted(*arguments):
        if len(ran) == 5:
            raise KeyboardInterrupt
        ran.append(arguments)
        return finetune(*arguments)

    monkeypatch.setattr(sweep_module, "finetune", counted)
    with pytest.raises(KeyboardInterrupt):
        tuned(tmp_path / "fits", sampling=sampling)
    ran.append("the fit that was interrupted")
    resumed = tuned(tmp_path / "fits", sampling=sampling)
    assert len(ran) - 1 == (16 if sampling == "per-target" else 8)
    assert contents(resumed, tmp_path / "one") == contents(whole, tmp_path / "two")


def test_a_shared_network_serves_all_targets_and_its_scores_are_kept(tuned, tmp_path):
    results = tuned(tmp_path / "fits", sampling="shared")
    assert len(list((tmp_path / "fits").glob("*.safetensors"))) == 8
    assert len(results.scores) == 2 * 2 * 2 * 2
    assert set(results.scores["protocol"]) == {"finetune"}
    assert results.protocol["finetuning"]["steps"] == 4


def test_the_folder_of_another_sweep_is_refused(tuned, tmp_path):
    tuned(tmp_path / "fits")
    with pytest.raises(ProtocolError, match="holds the finished fits of another sweep"):
        tuned(tmp_path / "fits", options=replace(FEW, steps=5))
    with pytest.raises(ProtocolError, match="holds the finished fits of another sweep"):
        tuned(tmp_path / "fits", seed=1)


def test_other_weights_are_another_sweep(tuned, contestants, contestant, tmp_path):
    tuned(tmp_path / "fits", contestants[:1])
    with pytest.raises(ProtocolError, match="holds the finished fits of another sweep"):
        tuned(tmp_path / "fits", [contestant("text", "radtex", 7)])


@pytest.mark.parametrize("damage", [b"", b"no safetensors"])
def test_a_damaged_fit_is_named_with_the_remedy(tuned, contestants, tmp_path, damage):
    expected = tuned(tmp_path / "fits", contestants[:1])
    victim = sorted((tmp_path / "fits").glob("*.safetensors"))[2]
    victim.write_bytes(damage)
    with pytest.raises(ProtocolError, match=f"{victim.name} is damaged; remove it"):
        tuned(tmp_path / "fits", contestants[:1])
    victim.unlink()
    assert tuned(tmp_path / "fits", contestants[:1]).scores.equals(expected.scores)


def test_early_stopping_is_told(tuned, contestants):
    options = replace(FEW, steps=20, early_stopping=True)
    results = tuned(who=contestants[:1], options=options, budgets=(60,))
    assert any("Early stopping on a fifth" in flag for flag in results.flags)
    assert results.protocol["finetuning"]["early_stopping"]


def test_each_target_takes_the_network_of_a_run_that_never_saw_it(tuned, contestants):
    runs = [
        replace(each, description={**each.description, "targets": [target], "steps": 1})
        for each, target in zip(contestants, ("Edema", "Effusion"), strict=True)
    ]
    results = tuned(who=[leave_target_out("unseen", runs), *runs], budgets=(20,))
    auc = results.scores.set_index(["encoder", "target"]).auc
    assert auc["unseen", "Edema"].tolist() == auc["noise", "Edema"].tolist()
    assert auc["unseen", "Effusion"].tolist() == auc["text", "Effusion"].tolist()


@pytest.fixture(scope="module")
def portable(contestant):
    """A contestant that other processes can load: nothing in it is defined by the tests."""
    network = nn.Sequential(nn.Conv2d(1, 6, 8, stride=8), nn.BatchNorm2d(6), nn.ReLU())
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in network[0].parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) / 8)
    return replace(contestant("portable", "random"), encoder=network)


@pytest.mark.soak
def test_processes_and_a_dask_cluster_give_the_bytes_of_one_process(corpus, portable, tmp_path):
    folder = tmp_path / "corpus"
    folder.mkdir()
    write_corpus(folder, corpus.index, [corpus.images], {**corpus.info})
    stored = Corpus.open(folder)  # its images stay in the file, which the workers open

    def tuned(workers, folder):
        selections = [(stored, stored.rows(split)) for split in ("pool", "test")]
        return run_protocol(
            Finetune(FEW, workers),
            [portable],
            *selections,
            Design(("Edema", "Effusion"), (20,), 2, sampling="shared"),
            folder=folder,
        )

    alone = tuned(1, tmp_path / "alone")
    processes = tuned(2, tmp_path / "processes")
    with (
        LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0") as cluster,
        dask_cluster(cluster.scheduler_address),
    ):
        dask = tuned(None, tmp_path / "dask")
    expected = {file.name: file.read_bytes() for file in (tmp_path / "alone").iterdir()}
    assert len(expected) == 3
    for other, results in (("processes", processes), ("dask", dask)):
        assert results.scores.equals(alone.scores)
        found = {file.name: file.read_bytes() for file in (tmp_path / other).iterdir()}
        assert found == expected
