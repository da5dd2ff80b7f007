"""Archive layouts, one module each."""

from importlib import import_module
from inspect import signature

from radtex.corpus.record import Source
from radtex.corpus.tables import Columns
from radtex.errors import CorpusError

SOURCES = {"nih": "NIH", "phantom": "PhantomSource", "table": "TableSource"}
"""The class of each source, in the module of its name; imported when it is opened."""


def open_source(name: str, **options: object) -> Source:
    """Make the source of that name; an option that is None or empty counts as not given.

    nih: root. table: root (the table file), columns (`Columns`), labels.
    phantom: studies, seed.

    Raises `CorpusError` for an unknown source, and for options that it lacks or does not take.
    """
    if name not in SOURCES:
        raise CorpusError(f"unknown source {name!r}; the sources are: {', '.join(SOURCES)}")
    source = getattr(import_module(f"{__name__}.{name.replace('-', '_')}"), SOURCES[name])
    given = {key: value for key, value in options.items() if value not in (None, (), [], Columns())}
    takes = signature(source).parameters
    unknown = [key for key in given if key not in takes]
    if unknown:
        raise CorpusError(f"source {name} takes no {', '.join(unknown)}, only {', '.join(takes)}")
    lacking = [
        key for key, option in takes.items() if option.default is option.empty and key not in given
    ]
    if lacking:
        raise CorpusError(f"source {name} needs {', '.join(lacking)}")
    opened: Source = source(**given)
    return opened
