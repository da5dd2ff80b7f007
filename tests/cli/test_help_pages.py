"""Pages of help: as wide as the terminal, with the names of the registries."""

import re
from collections.abc import Iterator

import pytest
from cyclopts import App
from rich.console import Console

from radtex.cli import app
from radtex.cli.help_pages import names_for
from radtex.corpus.label_policies import LABEL_POLICIES
from radtex.findings import TARGET_SETS


def commands(of: App = app, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name in of:
        if not name.startswith("-"):
            yield (*before, name)
            yield from commands(of[name], (*before, name))


COMMANDS = sorted(commands())


def page(words: tuple[str, ...], width: int) -> str:
    console = Console(width=width, force_terminal=False, color_system=None)
    with console.capture() as printed:
        app.help_print([*words], console=console)
    return printed.get()


@pytest.mark.parametrize("words", [(), *COMMANDS], ids=" ".join)
def test_no_line_is_wider_than_80_columns(words: tuple[str, ...]) -> None:
    lines = page(words, 80).splitlines()
    assert len(lines) >= 5
    assert [line for line in lines if len(line.rstrip()) > 80] == []


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_what_may_be_named_stands_beside_the_flag(words: tuple[str, ...]) -> None:
    for line in page(words, 2000).splitlines():
        flag = re.match(r"│[ *]+(--\S+) ", line)
        if flag and flag[1].endswith("targets"):
            assert all(name in line for name in TARGET_SETS), line
        if flag and flag[1].endswith("label-policy"):
            assert all(name in line for name in LABEL_POLICIES), line
            assert ("definite," in line or "definite]" in line) == (
                flag[1] == "--test-label-policy"
            )


def test_flags_with_nothing_to_name_have_nothing_beside_them() -> None:
    assert names_for("--seed") == ""


def test_odd_flags_are_not_shown() -> None:
    printed = page(("transfer",), 80)
    assert "--empty-" not in printed
    assert "--no-no-" not in printed
    assert "--no-pixels" in printed
