"""Kinds of arguments."""

from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from cyclopts import App, CycloptsError

from radtex.bounds import Above, AtLeast, AtMost
from radtex.cli.parameters import Count, Names, Numbers, Seed, as_flags, given


def parse(kind: Any, *words: str, flag: tuple[str, ...] = ("--value",)) -> object:
    def command(*, value: Any = None) -> object:
        return value

    command.__annotations__["value"] = kind
    app = App(result_action="return_value")
    app.default(command)
    return app([*flag, *words], exit_on_error=False, print_error=False)


@pytest.mark.parametrize(
    ("kind", "words", "value"),
    [
        (Count, ["1"], 1),
        (Seed, ["0"], 0),
        (Names, ["Edema", "Pleural Effusion"], ["Edema", "Pleural Effusion"]),
        (Numbers, ["50", "100"], [50, 100]),
    ],
)
def test_words_become_values(kind: Any, words: list[str], value: object) -> None:
    assert parse(kind, *words) == value


@pytest.mark.parametrize(("kind", "word"), [(Count, "0"), (Seed, "-1")])
def test_a_number_below_its_least_is_refused(kind: Any, word: str) -> None:
    with pytest.raises(CycloptsError, match="Must be >="):
        parse(kind, word)


def test_only_what_was_given_is_passed_on() -> None:
    assert given(a=0, b=None, c=False, d="") == {"a": 0, "c": False, "d": ""}


@dataclass(frozen=True)
class Options:
    """What may be chosen."""

    sizes: tuple[int, ...] = (50, 100)
    """Numbers to try."""
    least_count: Annotated[int, AtLeast(1)] = 2
    """How many there are."""
    share: Annotated[float | None, Above(0), AtMost(1)] = None
    """Part of them."""


FLAGS = Annotated[Options | None, as_flags()]


def options_of(*words: str, kind: Any = FLAGS) -> Any:
    return parse(kind, *words, flag=())


def test_each_field_of_a_dataclass_is_a_flag() -> None:
    given = options_of("--sizes", "1", "2", "--least-count", "3", "--share", "0.5")
    assert given == Options((1, 2), 3, 0.5)
    assert options_of("--share", "1") == Options(share=1.0)
    assert options_of() is None


def test_a_field_may_have_a_flag_of_another_name() -> None:
    kind = Annotated[Options | None, as_flags(lambda field: f"my-{field.replace('_', '-')}")]
    assert options_of("--my-least-count", "3", kind=kind) == Options(least_count=3)
    with pytest.raises(CycloptsError, match='Invalid value "0" for --my-least-count'):
        options_of("--my-least-count", "0", kind=kind)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--least-count 0", 'Invalid value "0" for --least-count. Must be >= 1.'),
        ("--share 0", 'Invalid value "0.0" for --share. Must be > 0.'),
        ("--share 1.5", 'Invalid value "1.5" for --share. Must be <= 1.'),
    ],
)
def test_a_field_out_of_its_bounds_is_refused(words: str, message: str) -> None:
    with pytest.raises(CycloptsError) as error:
        options_of(*words.split())
    assert " ".join(str(error.value).split()) == message
