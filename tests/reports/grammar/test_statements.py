"""Statements, and what words behind them make of them."""

from typing import Any

import pytest

from radtex.findings import SUPPORT_DEVICES
from radtex.reports.grammar.statements import Statement, reach_back, void_broken_devices
from radtex.reports.label_rules import Mark, MarkKind
from radtex.reports.sections import Span


def statement(label: str = "Edema", state: Any = 1) -> Statement:
    return Statement(((label, 1),), Span(0, 1), state, ())


@pytest.mark.parametrize(
    ("marks", "states"),
    [
        (["comma", "comma"], [1, 1, 0]),
        (["comma", "joining"], [0, 0, 0]),
        (["joining", "comma"], [1, 1, 0]),
        (["accompanying", "choosing"], [1, 0, 0]),
    ],
)
def test_a_cue_reaches_back_along_its_list(marks: list[MarkKind], states: list[int]) -> None:
    one, two, three = (statement() for _ in range(3))
    parts = [one, marks[0], two, marks[1], three]
    reach_back(parts, 0, Span(5, 6))
    assert parts == []
    assert [one.state, two.state, three.state] == states
    assert three.cues == (Span(5, 6),)


def test_what_is_denied_already_stays_so() -> None:
    denied = statement(state=0)
    reach_back([denied], -1, Span(5, 6))
    assert (denied.state, denied.cues) == (0, ())


@pytest.mark.parametrize(
    ("between", "gap", "state"),
    [
        (["relating"], 3, None),
        (["breaking"], 2, None),
        (["relating"], 30, 1),
        (["joining"], 1, 1),
        (["breaking", "comma"], 1, 1),
        ([], 0, 1),
    ],
)
def test_a_fracture_of_a_device_is_none(
    between: list[MarkKind], gap: int, state: int | None
) -> None:
    fracture, device = statement("Fracture"), statement(SUPPORT_DEVICES)
    void_broken_devices(fracture, device, [Mark(kind) for kind in between], False, gap)
    assert (fracture.state, device.state) == (state, 1)


def test_a_device_that_is_fractured_is_no_fracture() -> None:
    for between, broken, gap, state in (
        ([], False, 0, None),
        ([Mark("linking")], True, 1, None),
        ([Mark("linking")], False, 1, 1),
        ([Mark("comma")], True, 1, 1),
    ):
        device, fracture = statement(SUPPORT_DEVICES), statement("Fracture")
        void_broken_devices(device, fracture, between, broken, gap)
        assert fracture.state == state
