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
_PICTURE = re.compile(r'<img src="([^"]+)"[^>]* alt="([^"]{20,})">')


def commands(document: Path) -> Iterator[str]:
    """Yield the commands of `radtex` in a document's blocks, each on one line."""
    for block in _BLOCK.findall(document.read_text(encoding="utf-8")):
        for line in block.replace("\\\n", " ").splitlines():
            if line.lstrip().startswith("radtex "):
                yield " ".join(line.split())


RUN = {
    "README.md": "make soak",
    "docs/tutorials/phantom.md": "make test",
    "docs/tutorials/hospital-export.md": "make test",
    "docs/tutorials/label-in-the-browser.md": "make test",
    "docs/start/demo.md": "make test",
}
"""Documents whose commands `test_tutorials` and `test_demo` run, on less data, and when."""
_OWN = "names of the reader's own folders; the rooms' tests run these commands"
PARSED = {
    "docs/audit.md": "films of NIH",
    "docs/corpora.md": "a hospital's export, a PACS",
    "docs/evidence.md": "hours",
    "docs/explanation/published-figures.md": "NIH, a run on MIMIC-CXR",
    "docs/generation.md": _OWN,
    "docs/handing-over.md": _OWN,
    "docs/how-to/read-a-cohort-flow.md": _OWN,
    "docs/how-to/audit-for-shortcuts.md": _OWN,
    "docs/how-to/give-a-classifier-to-the-hospital.md": _OWN,
    "docs/how-to/choose-films-to-label.md": _OWN,
    "docs/how-to/build-from-a-pacs.md": "a PACS",
    "docs/how-to/compare-with-a-published-encoder.md": "published weights",
    "docs/how-to/define-a-finding-of-your-own.md": "films with a label of that name",
    "docs/how-to/report-a-validation.md": "three runs of one recipe",
    "docs/how-to/resume-an-interrupted-command.md": "an interruption",
    "docs/how-to/serve-in-a-hospital.md": "a server that works until it is stopped",
    "docs/how-to/validate-at-another-site.md": "films of another site",
    "docs/labels.md": _OWN,
    "docs/phantom.md": "films of NIH, hours",
    "docs/results.md": "films of NIH, hours",
    "docs/serving.md": "a server that works until it is stopped, a PACS",
    "docs/transfer.md": _OWN,
    "docs/tutorials/mimic-cxr.md": "MIMIC-CXR, a GPU",
}
"""Documents whose commands are held against the parser alone, and what running them would need."""

SHOWN = sorted({command for document in DOCUMENTS for command in commands(document)})


def test_commands_are_found() -> None:
    assert any(command.startswith("radtex transfer corpus") for command in SHOWN)


def test_of_each_document_it_is_known_whether_its_commands_are_run() -> None:
    shown = {path.relative_to(ROOT).as_posix() for path in DOCUMENTS if any(commands(path))}
    assert not RUN.keys() & PARSED.keys()
    assert shown == RUN.keys() | PARSED.keys()
    tests = [(ROOT / "tests" / name).read_text() for name in ("test_tutorials.py", "test_demo.py")]
    for document in RUN:
        assert any(Path(document).stem in text for text in tests), f"no test runs {document}"


def test_the_readme_writes_nothing_that_a_clone_holds() -> None:
    held = {"benchmarks", "docs", "evidence", "src", "tests"}
    assert all((ROOT / name).is_dir() for name in held)
    outputs = re.findall(r"--(?:out|save|sample-data) ([\w.]+)", (ROOT / "README.md").read_text())
    assert len(outputs) > 4
    assert not held & {*outputs}


@pytest.mark.parametrize("command", SHOWN)
def test_a_shown_command_can_be_typed(command: str) -> None:
    words = shlex.split(command, comments=True)[1:]
    app.parse_args(words, exit_on_error=False, print_error=False)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    pictures = _PICTURE.findall(text)
    assert len(pictures) == text.count("<img"), "a picture needs words"
    for target in _LINK.findall(text) + [source for source, _ in pictures]:
        assert (document.parent / target).exists(), f"{document.name} links to {target}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_data_that_are_named_are_said_to_be_from_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    section = "data-that-the-documents-name"
    if document.name == "corpora.md":
        assert "## Data that the documents name" in text
    elif re.search(r"nih128|nih320|[Ss]henzhen", text):
        assert f"corpora.md#{section}" in text, f"{document.name} names data: say where from"
