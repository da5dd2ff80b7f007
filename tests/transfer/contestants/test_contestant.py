from dataclasses import replace

import pytest

from radtex.errors import ProtocolError
from radtex.models.encoder_input import EncoderInput
from radtex.transfer.contestants.contestant import (
    of_the_same_runs,
    refuse_equal_names,
    refuse_unequal_inputs,
)


def test_equal_names_are_refused(contestant):
    with pytest.raises(ProtocolError, match="named twice: a;"):
        refuse_equal_names([contestant("a", "random"), contestant("a", "imagenet")])
    with pytest.raises(ProtocolError, match="no encoder"):
        refuse_equal_names([])


def test_inputs_of_different_sizes_are_refused(contestant):
    a, b = contestant("a", "radtex"), contestant("b", "random")
    refuse_unequal_inputs([a, b])
    with pytest.raises(ProtocolError, match=r"a 16, b 224; .*--unequal-inputs"):
        refuse_unequal_inputs([a, replace(b, takes=EncoderInput(224, 100.0, 40.0))])


def test_sizes_that_were_asked_for_are_consented_to(contestant):
    a, b = contestant("a", "radtex"), contestant("b", "imagenet")
    refuse_unequal_inputs([a, replace(b, takes=EncoderInput(128, 100.0, 40.0), sized=True)])


def test_the_parts_are_what_is_measured(contestant):
    a, b, c, d = (contestant(name, "supervised") for name in "abcd")
    one, other = replace(a, members=(a, b)), replace(c, members=(c, d))
    assert [part.name for part in a.parts] == ["a"]
    assert [part.name for part in one.parts] == ["a", "b"]
    assert [part.name for part in replace(a, seeds=(one, other)).parts] == ["a", "b", "c", "d"]


def test_contestants_are_of_the_same_runs_where_each_seed_is(contestant):
    seeds = [
        replace(contestant(f"run {n}", "radtex"), description={"weights": f"run {n}", "seed": n})
        for n in range(3)
    ]
    both = replace(contestant("both", "radtex"), seeds=tuple(seeds[:2]))
    assert of_the_same_runs(both, replace(both, name="at another size"))
    assert not of_the_same_runs(both, replace(both, seeds=tuple(seeds[1:])))
    assert not of_the_same_runs(seeds[0], seeds[0])
