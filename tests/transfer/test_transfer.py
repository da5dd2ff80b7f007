"""From a pool, a lineup and a design to a folder of evidence."""

import errno
import json
import os
import shutil
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from safetensors.torch import save_file

from radtex.classifiers.keep import Keeper
from radtex.corpus.corpus import write_corpus
from radtex.errors import CorpusError, OutputError, ProtocolError
from radtex.files import sole_writer
from radtex.models.encoder import Encoder
from radtex.transfer.code_version import PROTOCOL_VERSION
from radtex.transfer.contestants.lineup import Lineup
from radtex.transfer.design import Design
from radtex.transfer.protocols import sweep as sweep_module
from radtex.transfer.protocols.finetune import Finetune
from radtex.transfer.protocols.finetuned_network import finetune
from radtex.transfer.protocols.finetuning_options import FinetuningOptions
from radtex.transfer.protocols.knn import Knn
from radtex.transfer.protocols.linear import Linear
from radtex.transfer.scorings import SCORINGS
from radtex.transfer.transfer import transfer


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
    assert set(tune(stored, tmp_path / "out").mean_auc) >= {"random"}
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


class Refusing:
    """A keeper that no contestant pleases."""

    def __init__(self, out):
        self.out = out

    def begin(self, command):
        pass

    def refuse(self, contestants):
        raise ProtocolError(f"no {contestants[0].name}")


@pytest.mark.parametrize(
    ("protocol", "prevalence", "message"),
    [
        (Knn(), "natural", "--save keeps linear probes; knn makes none"),
        (Linear(), "balanced", "balanced ones lack the prevalence of the pool"),
        (Linear(), "natural", "no random"),
    ],
)
def test_what_a_keeper_cannot_have_is_refused_before_anything_is_measured(
    stored, tmp_path, protocol, prevalence, message
):
    out = tmp_path / "out"
    design = Design(("Edema",), (20,), 1, prevalence=prevalence)
    keeper = Refusing(tmp_path / "kept")
    lineup = Lineup(("random",), "resnet10t")
    with pytest.raises(ProtocolError, match=message):
        transfer(stored, lineup, design, out, protocol=protocol, keeper=keeper)
    assert not list(tmp_path.iterdir())


def test_the_record_holds_the_command_that_repeats_it(stored, tmp_path):
    design = Design(("Edema",), (20,), 1, seed=4)
    out = tmp_path / "out"
    transfer(stored, Lineup(("random",), "resnet10t"), design, out, protocol=Knn())
    command = json.loads((out / "summary.json").read_text())["protocol"]["command"]
    assert command == (
        f"radtex transfer {stored} --encoders random --targets Edema --budgets 20 --repeats 1 "
        "--protocol knn --sampling per-target --prevalence natural --backbone resnet10t "
        "--label-policy paper --test-label-policy definite --label-sources human archive "
        f"--test-patients 10 --seed 4 --out {out}"
    )


def test_one_command_gives_one_result_but_for_how_often_the_test_was_scored(stored, tmp_path):
    copy, out = tmp_path / "corpus", tmp_path / "out"
    shutil.copytree(stored, copy, ignore=shutil.ignore_patterns(SCORINGS))
    written = []
    for _ in range(2):
        design = Design(("Edema",), (20,), 2)
        transfer(str(copy), Lineup(("random",), "resnet10t"), design, out, protocol=Knn())
        written.append({file.name: file.read_bytes() for file in out.iterdir()})
        shutil.rmtree(out)
    first, second = written
    pages = [each.pop("report.html").decode().splitlines() for each in written]
    assert first == second
    told = [(one, other) for one, other in zip(*pages, strict=True) if one != other]
    assert len(told) == 1
    assert "scored once, this time included" in told[0][0]
    assert "scored 2 times, this time included" in told[0][1]
    noted = [json.loads(line) for line in (copy / SCORINGS).read_text().splitlines()]
    assert [(each["what"], each["encoders"], each["protocol"]) for each in noted] == [
        ("transfer", ["random", "pixels"], "knn")
    ] * 2


def test_the_record_holds_the_rules_and_the_code_that_made_it(stored, tmp_path):
    out = tmp_path / "out"
    transfer(
        stored, Lineup(("random",), "resnet10t"), Design(("Edema",), (20,), 1), out, protocol=Knn()
    )
    protocol = json.loads((out / "summary.json").read_text())["protocol"]
    assert protocol["protocol_version"] == PROTOCOL_VERSION
    assert protocol["command_sha256"] == sha256(protocol["command"].encode()).hexdigest()
    assert "commit" in protocol


@pytest.mark.parametrize(
    ("changed", "message"),
    [({"label_policy": "hopeful"}, "hopeful"), ({"targets": ("Edema", "Edema")}, "named twice")],
)
def test_a_mistaken_word_is_told_before_an_encoder_is_loaded(stored, tmp_path, changed, message):
    design = replace(Design(("Edema",), (20,), 1), **changed)
    with pytest.raises(CorpusError, match=message):
        transfer(stored, Lineup(("nowhere",)), design, tmp_path / "out")


def test_films_travel_only_where_they_were_asked_for(stored, tmp_path):
    design, lineup = Design(("Edema",), (20,), 1), Lineup(("random",), "resnet10t")
    for name, wanted in (("without", False), ("with", True)):
        transfer(stored, lineup, design, tmp_path / name, protocol=Knn(), with_films=wanted)
        page = (tmp_path / name / "report.html").read_text()
        assert ("data:image/png" in page) == wanted
        assert "<h2>Worst misses</h2>" in page
        assert "<h2>Missed findings</h2>" not in page  # neighbours choose no threshold
        assert "<h2>Decision curves</h2>" not in page  # and give no logits
    summary = (tmp_path / "with" / "summary.json").read_text()
    assert "--with-films" in json.loads(summary)["protocol"]["command"]
    assert "base64" not in summary


def test_the_grey_levels_are_in_every_table_unless_left_out(stored, tmp_path):
    design = Design(("Edema",), (20,), 1)

    def measured(name, lineup, **options):
        transfer(stored, lineup, design, tmp_path / name, **options)
        return json.loads((tmp_path / name / "summary.json").read_text())

    lineup = Lineup(("random",), "test_resnet")
    with_floor = measured("floor", lineup)
    assert list(with_floor["mean_auc"]) == ["random", "pixels"]
    assert with_floor["protocol"]["encoders"][1]["role"] == "floor"
    assert list(measured("none", replace(lineup, no_pixels=True))["mean_auc"]) == ["random"]
    named = replace(lineup, encoders=("random", "grey=pixels@8"))
    assert list(measured("own", named)["mean_auc"]) == ["random", "grey"]
    trained = measured("trained", lineup, protocol=Finetune(FinetuningOptions(1), workers=1))
    assert list(trained["mean_auc"]) == ["random"]
    assert any("has no weights to train" in flag for flag in trained["flags"])


def test_grey_levels_cannot_be_trained_or_kept(stored, tmp_path):
    design, lineup = Design(("Edema",), (20,), 1), Lineup(("pixels",), "test_resnet")
    with pytest.raises(ProtocolError, match="pixels has no weights for the protocol finetune"):
        transfer(stored, lineup, design, tmp_path / "out", protocol=Finetune())
    with pytest.raises(ProtocolError, match="the grey levels alone make no classifier"):
        transfer(stored, lineup, design, tmp_path / "out", keeper=Keeper(tmp_path / "kept"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("failing", ["out", "kept"])
def test_what_could_not_be_saved_can_be_repeated(stored, tmp_path, monkeypatch, failing):
    lineup, design = (
        Lineup(("random",), "test_resnet", no_pixels=True),
        Design(("Edema",), (20,), 1),
    )
    rename = Path.rename

    def fail(aside, to):
        if to == tmp_path / failing:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return rename(aside, to)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", fail)
        with pytest.raises(OutputError, match=f"cannot write .*{failing}: the disk is full"):
            transfer(stored, lineup, design, tmp_path / "out", keeper=Keeper(tmp_path / "kept"))
    assert list(tmp_path.iterdir()) == []
    transfer(stored, lineup, design, tmp_path / "out", keeper=Keeper(tmp_path / "kept"))
    assert (tmp_path / "out" / "summary.json").exists()
    assert (tmp_path / "kept" / "model.safetensors").exists()


class Killed(BaseException):
    """In place of a signal that no code sees."""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_what_was_killed_beside_the_evidence_can_be_repeated(stored, tmp_path, monkeypatch, moment):
    """The classifier stands already, and the evidence does not, or only just does."""
    lineup = Lineup(("random",), "test_resnet", no_pixels=True)
    design = Design(("Edema",), (20,), 1)
    out, kept = tmp_path / "out", tmp_path / "kept"
    rename = Path.rename
    left = tmp_path / "left"

    def stop(aside, to):
        if to == out:
            if moment == "after":
                rename(aside, to)
            shutil.copytree(kept, left)  # as a kill leaves it: what mends failures does not run
            raise Killed
        return rename(aside, to)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", stop)
        with pytest.raises(Killed):
            transfer(stored, lineup, design, out, keeper=Keeper(kept))
    left.rename(kept)
    if moment == "after":
        assert (out / "summary.json").exists()
        with pytest.raises(OutputError, match="out already exists"):
            transfer(stored, lineup, design, out, keeper=Keeper(kept))
        out.rename(tmp_path / "elsewhere")
    else:
        with pytest.raises(OutputError, match="kept already exists"):  # it is another command
            other = tmp_path / "other"
            transfer(stored, lineup, replace(design, seed=1), other, keeper=Keeper(kept))
    before = (kept / "model.safetensors").read_bytes()
    transfer(stored, lineup, design, out, keeper=Keeper(kept))
    assert (out / "summary.json").exists()
    assert (kept / "model.safetensors").read_bytes() == before
    assert not (kept / ".unfinished").exists()
    with pytest.raises(OutputError, match="kept already exists"):
        Keeper(kept)


def test_a_lineup_of_sizes_seeds_and_a_named_family(stored, tmp_path):
    lineup = Lineup(
        ("random", "large=random@96", "layered=random@@3,last"),
        "test_resnet",
        primary=("large:random", "layered:large"),
    )
    transfer(stored, lineup, Design(("Edema",), (20, 40), 2), tmp_path / "out")
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["protocol"]["primary_family"] == [
        {"a": "random", "b": "large"},
        {"a": "large", "b": "layered"},
    ]
    assert sum(pair["family"] == "primary" for pair in summary["paired"]) == 4
    assert "Encoders differ in input size: random 64, large 96, layered 64." in summary["flags"]
    assert summary["layers"]["layered"].keys() == {"3", "last"}
    assert "--primary large:random layered:large" in summary["protocol"]["command"]
