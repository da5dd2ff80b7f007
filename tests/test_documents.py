"""The documents show commands that exist, and lead to files that are there."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from radtex.cli import app

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
_BLOCK = re.compile(r"^```\w*\n(.*?)^```", re.M | re.S)
_LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def commands(document: Path) -> Iterator[str]:
    """Yield the commands of `radtex` in a document's blocks, each on one line."""
    for block in _BLOCK.findall(document.read_text(encoding="utf-8")):
        for line in block.replace("\\\n", " ").splitlines():
            if line.startswith("radtex "):
                yield " ".join(line.split())


SHOWN = sorted({command for document in DOCUMENTS for command in commands(document)})


def test_commands_are_found() -> None:
    assert any(command.startswith("radtex transfer corpus") for command in SHOWN)


@pytest.mark.parametrize("command", SHOWN)
def test_a_shown_command_can_be_typed(command: str) -> None:
    words = shlex.split(command, comments=True)[1:]
    app.parse_args(words, exit_on_error=False, print_error=False)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    for target in _LINK.findall(document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), f"{document.name} links to {target}"
