"""What the commands' help says of defaults."""

import inspect
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from cyclopts import App, Argument
from rich.console import Console

from radtex.auditing.audit import audit
from radtex.classifiers.predict import predict
from radtex.cli import app
from radtex.cli.defaults import as_typed, default_of
from radtex.corpus.build import build
from radtex.corpus.label_policies import LABEL_POLICIES
from radtex.corpus.sources.nih import NIH
from radtex.corpus.sources.synthetic import PhantomSource
from radtex.corpus.tables import Columns
from radtex.demo import demo
from radtex.explaining.pointing_game import localise
from radtex.explaining.report_map import explain
from radtex.findings import TARGET_SETS
from radtex.generation.ask import answer
from radtex.generation.run_films import films_of
from radtex.generation.writing import Writing
from radtex.models.decoding_options import DecodingOptions
from radtex.pretraining.pretrain import pretrain
from radtex.pretraining.recipe import load_recipe, recipe_names
from radtex.scoring.score import score
from radtex.transfer.contestants.lineup import Lineup
from radtex.transfer.design import Design
from radtex.transfer.planning.plan import plan
from radtex.transfer.protocols.finetuning_options import FinetuningOptions
from radtex.transfer.protocols.label_prior.prior_options import PriorOptions
from radtex.transfer.transfer import transfer

CALLED: dict[str, tuple[Callable[..., object], ...]] = {
    "ask": (answer,),
    "corpus audit": (audit,),
    "corpus build": (build, PhantomSource),
    "demo": (demo,),
    "explain": (localise, explain),
    "generate": (Writing, films_of),
    "plan": (plan,),
    "predict": (predict,),
    "pretrain": (pretrain, load_recipe),
    "score": (score,),
}
"""What each command passes its options to."""

ELSEWHERE = {
    ("generate", "rerank"): "reranked",
    ("pretrain", "recipe"): "name",
}
"""Options whose name is another where they go."""


def commands(of: App = app, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name in of:
        if not name.startswith("-"):
            yield (*before, name)
            yield from commands(of[name], (*before, name))


COMMANDS = sorted(" ".join(words) for words in commands())


def help_of(command: str) -> str:
    """The help of a command, without line breaks in an option's text."""
    console = Console(width=2000, force_terminal=False, color_system=None)
    with console.capture() as printed:
        app.help_print(command.split(), console=console)
    return printed.get()


def shown_defaults(command: str) -> Iterator[tuple[Argument, list[str]]]:
    """Each flag of a command that may be left out, and what its line of the help calls default."""
    lines = help_of(command).splitlines()
    found = app
    for word in command.split():
        found = found[word]
    for argument in found.assemble_argument_collection():
        if argument.show and argument.name.startswith("--") and not argument.required:
            (line,) = [each for each in lines if re.match(rf"│[ *]+{argument.name} ", each)]
            yield argument, re.findall(r"\[default: (.*?)\]", line)


@pytest.mark.parametrize("command", CALLED)
def test_an_option_shows_the_default_of_where_it_goes(command: str) -> None:
    signatures = [inspect.signature(each).parameters for each in CALLED[command]]
    checked = 0
    for argument, shown in shown_defaults(command):
        if not argument.keys:
            option = argument.field_info.name
            name = ELSEWHERE.get((command, option), option)
            theirs = [each[name].default for each in signatures if name in each]
            defaults = {as_typed(each) for each in theirs if each is not inspect.Parameter.empty}
            assert shown == list(defaults - {None}), argument.name
            checked += len(shown)
    assert checked > 0


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("generate", (DecodingOptions,)),
        ("transfer", (Lineup, Design, FinetuningOptions, PriorOptions)),
        ("corpus build", (Columns,)),
    ],
)
def test_a_field_of_options_shows_its_own_default(
    command: str, options: tuple[type[Any], ...]
) -> None:
    defaults = {
        each.name: as_typed(each.default)
        for of in options
        for each in fields(of)
        if each.default is not MISSING
    }
    found = {
        argument.keys[-1]: shown for argument, shown in shown_defaults(command) if argument.keys
    }
    assert found == {name: [] if each is None else [each] for name, each in defaults.items()}


def test_the_protocol_of_the_command_is_that_of_the_function() -> None:
    (shown,) = [
        each for argument, each in shown_defaults("transfer") if argument.name == "--protocol"
    ]
    assert shown == [inspect.signature(transfer).parameters["protocol"].default.name]


def literals(hint: Any) -> set[object]:
    """The values of every `Literal` in a type."""
    if get_origin(hint) is Literal:
        return set(get_args(hint))
    return {value for part in get_args(hint) for value in literals(part)}


@pytest.mark.parametrize("command", CALLED)
def test_an_option_offers_the_choices_of_where_it_goes(command: str) -> None:
    hints = [get_type_hints(each) for each in CALLED[command]]
    for argument, _ in shown_defaults(command):
        choices = argument.get_choices()
        if choices and not argument.keys:
            option = argument.field_info.name
            theirs = next(each[option] for each in hints if option in each)
            assert set(choices) == literals(theirs), argument.name


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_no_help_retypes_a_default(command: str) -> None:
    assert not re.search(r"\bdefault\b(?!: )", help_of(command))


@pytest.mark.parametrize("command", ["ask", "plan", "transfer"])
def test_the_help_names_every_label_policy(command: str) -> None:
    printed = help_of(command)
    assert [name for name in LABEL_POLICIES if not re.search(rf"\b{name}\b", printed)] == []


@pytest.mark.parametrize("command", ["plan", "transfer"])
def test_the_help_names_every_target_set(command: str) -> None:
    printed = help_of(command)
    assert [name for name in TARGET_SETS if not re.search(rf"\b{name}\b", printed)] == []


def test_the_help_names_the_sizes_that_sources_choose() -> None:
    usual, phantom = NIH(Path("nih")).default_size, PhantomSource(1).default_size
    assert f"Without it, {usual}, or {phantom} for a phantom." in help_of("corpus build")


def test_the_help_names_every_recipe() -> None:
    printed = help_of("pretrain")
    assert [name for name in recipe_names() if f"{name.rpartition('-')[0]}-" not in printed] == []


def test_help_does_not_wait_for_torch() -> None:
    code = (
        "import sys; from radtex.cli import app\n"
        "for words in sys.argv[1:]: app.help_print(words.split())\n"
        "sys.exit('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, *COMMANDS], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "some_room.py").write_text(
        "raise SystemExit('this module must not be run')\n"
        "def act(a, b=1, /, c='x', *, d, e=(1, 2.5), f=None, g=Path('there'), h=NAMED): ...\n"
        "class Options:\n    whole: int\n    share: float = 0.5\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    return "some_room"


@pytest.mark.parametrize(
    ("called", "option", "default"),
    [
        ("act", "a", None),
        ("act", "b", 1),
        ("act", "c", "x"),
        ("act", "d", None),
        ("act", "e", (1, 2.5)),
        ("act", "f", None),
        ("act", "g", Path("there")),
        ("act", "elsewhere", None),
        ("Options", "whole", None),
        ("Options", "share", 0.5),
    ],
)
def test_a_default_is_read_without_running_its_module(
    module: str, called: str, option: str, default: object
) -> None:
    assert default_of(f"{module}:{called}", option) == default


@pytest.mark.parametrize(("called", "option"), [("act", "h"), ("nothing", "a")])
def test_a_default_that_cannot_be_read_is_refused(module: str, called: str, option: str) -> None:
    with pytest.raises(LookupError):
        default_of(f"{module}:{called}", option)


def test_a_list_is_shown_as_it_is_typed() -> None:
    assert as_typed((50, 100)) == "50 100"
    assert as_typed(()) is None
    assert as_typed("test") == "test"
