"""The documents show commands that exist, and lead to files that are there."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from radtex.cli import app

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
_BLOCK = re.compile(r"^ *```\w*\n(.*?)^ *```", re.M | re.S)
_LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def commands(document: Path) -> Iterator[str]:
    """Yield the commands of `radtex` in a document's blocks, each on one line."""
    for block in _BLOCK.findall(document.read_text(encoding="utf-8")):
        for line in block.replace("\\\n", " ").splitlines():
            if line.lstrip().startswith("radtex "):
                yield " ".join(line.split())


SHOWN = sorted({command for document in DOCUMENTS for command in commands(document)})


def test_commands_are_found() -> None:
    assert any(command.startswith("radtex transfer corpus") for command in SHOWN)


@pytest.mark.parametrize("command", SHOWN)
def test_a_shown_command_can_be_typed(command: str) -> None:
    words = shlex.split(command, comments=True)[1:]
    app.parse_args(words, exit_on_error=False, print_error=False)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(document: Path) -> None:
    for target in _LINK.findall(document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), f"{document.name} links to {target}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_data_that_are_named_are_said_to_be_from_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    section = "data-that-the-documents-name"
    if document.name == "corpora.md":
        assert "## Data that the documents name" in text
    elif re.search(r"nih128|nih320|[Ss]henzhen", text):
        assert f"corpora.md#{section}" in text, f"{document.name} names data: say where from"
