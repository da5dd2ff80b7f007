"""What `import radtex` offers."""

import doctest
import pydoc
import subprocess
import sys

import pytest

import radtex

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
