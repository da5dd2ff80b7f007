"""The fields of a recipe in the help of `radtex pretrain`, where each is a flag."""

from collections.abc import Collection
from dataclasses import fields, is_dataclass
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from cyclopts.help import HelpEntry, HelpPanel, InlineText
from rich.console import Console, ConsoleOptions

from radtex.cli.defaults import as_typed, field_docs
from radtex.cli.help_pages import RadtexHelp, names_for

if TYPE_CHECKING:
    from radtex.pretraining.recipe import Recipe


class RecipeHelp(RadtexHelp):
    """Prints the fields below the parameters, with their values in the default recipe."""

    def __call__(self, console: Console, options: ConsoleOptions, panel: HelpPanel) -> None:
        """Print a panel of the help, and behind the parameters those of the recipe."""
        from radtex.pretraining.recipe import load_recipe

        super().__call__(console, options, panel)
        if panel.title == "Parameters":
            shown = {name for entry in panel.entries for name in entry.names}
            for of_recipe in recipe_panels(load_recipe(), shown):
                super().__call__(console, options, of_recipe)


def recipe_panels(recipe: "Recipe", shown: Collection[str] = ()) -> list[HelpPanel]:
    """Return a panel for each section of a recipe, and first one for the fields in none.

    Args:
        recipe: its values are shown as defaults.
        shown: flags to leave out.
    """
    sections = {each.name: getattr(recipe, each.name) for each in fields(recipe)}
    sections = {name: value for name, value in sections.items() if is_dataclass(value)}
    return [
        HelpPanel(format="parameter", title=title, entries=_entries(section, shown))
        for title, section in (
            ("Recipe", recipe),
            *((f"Recipe: {name}", section) for name, section in sections.items()),
        )
    ]


def _entries(section: Any, shown: Collection[str]) -> list[HelpEntry]:
    from radtex.pretraining.recipe import recipe_leaves

    leaves, docs = recipe_leaves(), field_docs(type(section))
    flags = {
        name: f"--{name.replace('_', '-')}"
        for name in (each.name for each in fields(section))
        if name in leaves
    }
    return [
        HelpEntry(
            positive_names=(flag,),
            metavar=_metavar(leaves[name][1]),
            choices=_choices(leaves[name][1]),
            description=InlineText.from_format(docs[name], format="markdown"),
            default=as_typed(getattr(section, name)),
        )
        for name, flag in flags.items()
        if flag not in shown
    ]


def _metavar(hint: Any) -> str:
    """Return what stands for a value of that type, as cyclopts writes it."""
    if get_origin(hint) is Literal:
        return "CHOICE"
    kinds = [kind for kind in get_args(hint) or (hint,) if kind is not NoneType]
    return str(kinds[0].__name__.upper())


def _choices(hint: Any) -> tuple[str, ...] | None:
    return get_args(hint) if get_origin(hint) is Literal else None


def recipe_table(recipe: "Recipe") -> list[list[str]]:
    """Return a row for each field of a recipe: its flag, its value, and what it is."""
    from radtex.pretraining.recipe import recipe_leaves

    rows = []
    for name, (section, _) in recipe_leaves().items():
        part = getattr(recipe, section) if section else recipe
        value, flag = as_typed(getattr(part, name)) or "", f"--{name.replace('_', '-')}"
        rows.append([flag, value, f"{field_docs(type(part))[name]} {names_for(flag)}".rstrip()])
    return rows
