"""What `import radtex` offers."""

import doctest
import inspect
import pydoc
import subprocess
import sys
from collections.abc import Iterator

import pytest
from cyclopts import App

import radtex
from radtex.cli import app

NAMES = [name for name in radtex.__all__ if name != "__version__"]


@pytest.mark.parametrize("name", NAMES)
def test_a_public_name_has_an_example_that_runs(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    examples = [
        test for test in doctest.DocTestFinder().find(getattr(radtex, name), name) if test.examples
    ]
    assert examples, f"{name} has no example in its docstring"
    runner = doctest.DocTestRunner()
    for example in examples:
        runner.run(example)
    assert runner.summarize().failed == 0, capsys.readouterr().out


def test_help_lists_every_public_name_with_a_line() -> None:
    printed = pydoc.render_doc(radtex, renderer=pydoc.plaintext)
    assert radtex.__doc__ is not None
    for name in NAMES:
        assert f"- `{name}`: " in radtex.__doc__
        assert f"{name}(" in printed


def test_every_public_name_is_listed_and_there() -> None:
    assert set(radtex.__all__) <= set(dir(radtex))
    assert all(getattr(radtex, name) for name in radtex.__all__)
    with pytest.raises(AttributeError, match="nothing"):
        _ = radtex.nothing


def test_listing_the_names_imports_none_of_them() -> None:
    code = "import sys, radtex; assert 'load' in dir(radtex); sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


FUNCTIONS = {
    "ask": "ask",
    "corpus audit": "audit",
    "corpus build": "build_corpus",
    "corpus describe": "describe",
    "corpus fetch": "fetch",
    "corpus sources": "sources",
    "demo": "demo",
    "explain": "explain",
    "export": "export",
    "generate": "generate",
    "label": "label",
    "next": "next_films",
    "plan": "plan",
    "predict": "predict",
    "pretrain": "pretrain",
    "recipes": "recipes",
    "runs": "runs",
    "score": "score",
    "serve": "serve",
    "transfer": "transfer",
    "validate": "validate",
}
"""The public function of each command. A new command needs one, too."""


def commands(of: App, before: str = "") -> Iterator[str]:
    """Each command that does something, as a user types it."""
    for name in of:
        if not name.startswith("-"):
            below = list(commands(of[name], f"{before}{name} "))
            yield from below or [f"{before}{name}"]


def test_every_command_has_a_public_function() -> None:
    assert sorted(commands(app)) == sorted(FUNCTIONS)
    assert set(FUNCTIONS.values()) <= set(radtex.__all__)


@pytest.mark.parametrize("name", sorted(FUNCTIONS.values()))
def test_a_function_of_a_command_is_documented(name: str) -> None:
    function = getattr(radtex, name)
    assert inspect.isfunction(function)
    assert function.__name__ == name
    docs = inspect.getdoc(function) or ""
    if inspect.signature(function).parameters:
        assert "Args:" in docs
        for parameter in inspect.signature(function).parameters:
            assert f"{parameter}: " in docs, parameter
    assert "Returns:" in docs or name in ("demo", "fetch")
    assert "Raises:" in docs or name == "sources"


def test_a_function_keeps_its_name_from_the_module_of_that_name() -> None:
    code = (
        "import radtex, inspect, sys\n"
        "radtex.transfer; import radtex.transfer.results, radtex.demo\n"
        "assert inspect.isfunction(radtex.transfer) and inspect.isfunction(radtex.demo)\n"
        "assert inspect.ismodule(sys.modules['radtex.transfer'])\n"
        "assert inspect.ismodule(sys.modules['radtex.demo'])\n"
        "from radtex.transfer.results import Results\n"
        "from radtex import transfer\n"
        "assert transfer is radtex.transfer\n"
        "assert inspect.ismodule(radtex.corpus)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
