"""The finetune protocol as an object; the network and the sweep are tested beside it."""

from dataclasses import replace

import numpy as np
import pytest

from radtex.errors import ProtocolError
from radtex.transfer.protocols.finetune import Finetune
from radtex.transfer.protocols.finetuning_options import FinetuningOptions
from radtex.transfer.protocols.sweep import Finetuned

OPTIONS = FinetuningOptions(steps=7, early_stopping=True)


def test_the_settings_hold_every_option_and_the_whole_recipe():
    settings = Finetune(OPTIONS).settings()["finetuning"]
    assert (settings["steps"], settings["learning_rate"], settings["early_stopping"]) == (
        7, 1e-3, True,
    )  # fmt: skip
    assert {"batch", "layer_decay", "weight_decay", "augmentation"} < settings.keys()


def test_its_command_names_the_options_where_one_was_chosen():
    assert Finetune(workers=3).arguments() == {}
    assert Finetune(OPTIONS).arguments() == {
        "finetune_steps": 7,
        "finetune_learning_rate": 1e-3,
        "early_stopping": True,
    }


def test_options_that_cannot_be_are_refused():
    with pytest.raises(ProtocolError, match="0 steps"):
        Finetune(replace(OPTIONS, steps=0)).check()


class Made:
    """As much of an experiment as the flags look at."""

    draws = range(4)


def test_early_stopping_is_told_with_the_draws_that_had_nothing_to_hold_out():
    fits = {
        "a": Finetuned(np.array([7, 5, 3, 1]), np.array([True, True, False, True])),
        "b": Finetuned(np.array([7, 7, 7, 7]), np.array([True, True, False, True])),
    }
    floor, first, second = Finetune(OPTIONS).flags(fits, Made)
    assert first.endswith("mean steps kept: a 4; b 7.")
    assert second.startswith("In 1 of 4 draws nothing could be held out")
    assert "no weights to train" in floor
    assert Finetune().flags(fits, Made) == [floor]


def test_the_signal_is_found(run, contestant):
    protocol = Finetune(FinetuningOptions(steps=40, learning_rate=0.01), workers=1)
    results = run([contestant("text", "radtex", 1)], (60,), 1, protocol=protocol)
    assert results.mean_auc["text"][60].mean > 0.6
    assert set(results.scores["protocol"]) == {"finetune"}
