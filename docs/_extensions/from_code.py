"""Parts of the reference that are read from the code, in the place of a comment that asks for them.

A line `<!-- from the code: NAME -->` in a page becomes Markdown: `commands`, `recipes`,
`fields` for those of a recipe, or `messages CLASS` for the messages of a class of error.
"""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import radtex
from radtex import errors
from radtex.cli import app as command_line
from radtex.cli.help_pages import names_for
from radtex.cli.recipe_help import recipe_table
from radtex.pretraining.recipe import load_recipe, recipe_leaves

SOURCE = Path(radtex.__file__).parent
SHOWN = ("radtex-small", "radtex-r50")
_PLACE = re.compile(r"^<!-- from the code: (\w+)(?: (\w+))? -->$", re.M)
_LIST_FLAGS = re.compile(r", --(?:empty|no-no)-[\w-]+")
_FLAG = re.compile(r"^\* `(--[\w-]+)[^`]*`: ", re.M)


def commands() -> str:
    """Return every command with its flags, as the parser of the command line has them."""
    text = command_line.generate_docs(output_format="markdown", heading_level=1)
    _, _, text = text.partition("## radtex demo")
    text = _LIST_FLAGS.sub("", f"## radtex demo{text}")
    text = re.sub(r"\n {4,}(?=\S)", "\n  ", text)
    return _FLAG.sub(_with_names, text)


def _with_names(found: re.Match[str]) -> str:
    names = names_for(found[1])
    return f"{found[0]}*{names}* " if names else found[0]


def recipes() -> str:
    """Return the table of the recipes."""
    known = radtex.recipes()
    rows = [
        f"| `{name}` | {row['objective']} | {row['backbone']} |" for name, row in known.iterrows()
    ]
    return "\n".join(["| recipe | objective | backbone |", "|---|---|---|", *rows])


def fields() -> str:
    """Return a table for each section of a recipe: flags, values in two recipes, and why."""
    sections = [section for section, _ in recipe_leaves().values()]
    tables = zip(*(recipe_table(load_recipe(name)) for name in SHOWN), strict=True)
    lines: list[str] = []
    last = "none yet"
    for section, (row, other) in zip(sections, tables, strict=True):
        if section != last:
            head = f"| flag | {' | '.join(f'`{name}`' for name in SHOWN)} | what it is |"
            lines += ["", f"### {section or 'The whole'}", "", head, "|---|---|---|---|"]
            last = section
        flag, value, what = row
        lines.append(f"| `{flag}` | {_cell(value)} | {_cell(other[1])} | {what} |")
    return "\n".join(lines)


def messages(name: str) -> str:
    """Return the messages that raise a class of error, in a table by the module they come from.

    Args:
        name: a class of `radtex.errors`.
    """
    rows = sorted({(room, text) for room, raised, text in _raised() if raised == name})
    lines = [f"| {room} | {_cell(text)} |" for room, text in rows]
    return "\n".join(["| from | message |", "|---|---|", *lines])


def _cell(text: str) -> str:
    text = re.sub(r"([\\`*_<>\[\]|{}$])", r"\\\1", text)
    return text.replace("\\{…\\}", "…")


def _raised() -> Iterator[tuple[str, str, str]]:
    """Yield the room, the class and the text of each error that the code raises with a text."""
    for file in sorted(SOURCE.rglob("*.py")):
        room = file.relative_to(SOURCE).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                text = _text(node.args[0])
                if hasattr(errors, node.func.id) and text:
                    yield room, node.func.id, text


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return "{…}"
    return ""


MAKERS: dict[str, Callable[..., str]] = {
    "commands": commands,
    "fields": fields,
    "messages": messages,
    "recipes": recipes,
}


def fill(_app: Any, _page: str, source: list[str]) -> None:
    """Replace each comment of a page that asks for a part from the code."""
    source[0] = _PLACE.sub(lambda place: MAKERS[place[1]](*filter(None, [place[2]])), source[0])


def setup(app: Any) -> dict[str, bool]:
    """Let Sphinx call `fill` for each page that it reads."""
    app.connect("source-read", fill)
    return {"parallel_read_safe": True}
