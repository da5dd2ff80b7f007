"""Pages of help that list what flags may name, as the registries have it today."""

from cyclopts.help import DefaultFormatter, HelpEntry, HelpPanel, InlineText
from rich.console import Console, ConsoleOptions
from rich.text import Text

from radtex.corpus.label_policies import DEFINITE, LABEL_POLICIES
from radtex.findings import TARGET_SETS


class RadtexHelp(DefaultFormatter):
    """Prints a panel of the help, and beside each flag the names that it may be given.

    The flags that cyclopts adds to make a list empty, or to deny a "no-…", are left out.
    """

    def __call__(self, console: Console, options: ConsoleOptions, panel: HelpPanel) -> None:
        """Print a panel of the help."""
        entries = [_with_names(entry) for entry in panel.entries]
        super().__call__(console, options, panel.copy(entries=entries))


def names_for(flag: str) -> str:
    """Return what stands beside a flag, such as "[target sets: …]"; "" where nothing does."""
    policies = (*LABEL_POLICIES, *([DEFINITE] if flag == "--test-label-policy" else []))
    if flag.endswith("label-policy"):
        return f"[label policies: {', '.join(policies)}]"
    return f"[target sets: {', '.join(TARGET_SETS)}]" if flag.endswith("targets") else ""


def _with_names(entry: HelpEntry) -> HelpEntry:
    odd = ("--empty-", "--no-no-")
    shown = tuple(name for name in entry.negative_names if not name.startswith(odd))
    entry = entry.copy(negative_names=shown)
    names = next((found for name in entry.positive_names if (found := names_for(name))), "")
    if not names:
        return entry
    description = InlineText(entry.description)
    description.append(Text(names, "cyclopts.choices"))
    return entry.copy(description=description)
