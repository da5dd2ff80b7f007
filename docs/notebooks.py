"""Pair each tutorial that can be run with a notebook of the same cells: `python docs/notebooks.py`.

The Markdown is what is written and read; jupytext makes the notebook of it. A block of `bash` is a
cell, and all else is text. The outputs that a tutorial shows are text there too.
"""

from pathlib import Path
from typing import Any

import jupytext
import nbformat

TUTORIALS = Path(__file__).parent / "tutorials"
PAIRED = ("phantom", "hospital-export", "label-in-the-browser")
_HEAD = """---
jupyter:
  kernelspec: {display_name: Python 3, language: python, name: python3}
---

"""
"""By a kernel that each Jupyter has; `bash` becomes its magic `%%bash`."""


def notebook(tutorial: str) -> Any:
    """Return the notebook of a tutorial, with the same bytes each time."""
    text = (TUTORIALS / f"{tutorial}.md").read_text(encoding="utf-8")
    made = jupytext.reads(_HEAD + text, fmt="md")
    made.metadata = {"kernelspec": made.metadata["kernelspec"]}
    made.nbformat, made.nbformat_minor = 4, 5
    for number, cell in enumerate(made.cells):
        cell["id"] = f"{tutorial}-{number}"
    return made


def paired(tutorial: str) -> Path:
    """Return where the notebook of a tutorial lies."""
    return TUTORIALS / f"{tutorial}.ipynb"


def main() -> None:
    """Write all notebooks."""
    for tutorial in PAIRED:
        nbformat.write(notebook(tutorial), paired(tutorial))


if __name__ == "__main__":
    main()
