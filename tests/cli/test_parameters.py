"""Kinds of arguments."""

from typing import Any

import pytest
from cyclopts import App, CycloptsError

from radtex.cli.parameters import Count, Length, Names, Numbers, Seed, given


def parse(kind: Any, *words: str) -> object:
    def command(*, value: Any = None) -> object:
        return value

    command.__annotations__["value"] = kind
    app = App(result_action="return_value")
    app.default(command)
    return app(["--value", *words], exit_on_error=False, print_error=False)


@pytest.mark.parametrize(
    ("kind", "words", "value"),
    [
        (Count, ["1"], 1),
        (Seed, ["0"], 0),
        (Length, ["0"], 0),
        (Names, ["Edema", "Pleural Effusion"], ["Edema", "Pleural Effusion"]),
        (Numbers, ["50", "100"], [50, 100]),
    ],
)
def test_words_become_values(kind: Any, words: list[str], value: object) -> None:
    assert parse(kind, *words) == value


@pytest.mark.parametrize(("kind", "word"), [(Count, "0"), (Seed, "-1"), (Length, "-1")])
def test_a_number_below_its_least_is_refused(kind: Any, word: str) -> None:
    with pytest.raises(CycloptsError, match="Must be >="):
        parse(kind, word)


def test_only_what_was_given_is_passed_on() -> None:
    assert given(a=0, b=None, c=False, d="") == {"a": 0, "c": False, "d": ""}
