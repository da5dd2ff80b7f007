"""The errors a user can mend. Each message says what was found, what was expected, what to do.

Each class has a code, which the command line prints behind the message: it names the page of
docs/reference/errors that says more.
"""

from typing import ClassVar


class RadtexError(Exception):
    """Base of every error that radtex raises on purpose; the command line prints it as one line."""

    code: ClassVar[str] = "RTX"
    """What names the class's page, such as `RTX-IMAGE`; stable."""


class ImageError(RadtexError):
    """An image file cannot be read, or is no radiograph."""

    code = "RTX-IMAGE"


class CorpusError(RadtexError):
    """A source, a record or a corpus folder is not as its contract says."""

    code = "RTX-CORPUS"


class ReportError(RadtexError):
    """A text is longer than any report."""

    code = "RTX-REPORT"


class RecipeError(RadtexError):
    """A recipe names an unknown field or an impossible value."""

    code = "RTX-RECIPE"


class RunError(RadtexError):
    """A run folder, its weights or its tokenizer is missing, damaged or of another run."""

    code = "RTX-RUN"


class StoppedError(RadtexError):
    """Work was asked to end and has left off where it can be resumed."""

    code = "RTX-STOPPED"


class ProtocolError(RadtexError):
    """A transfer experiment would break one of its own rules."""

    code = "RTX-PROTOCOL"


class SmallPoolError(ProtocolError):
    """A budget is larger than what the pool has of labels."""

    code = "RTX-POOL"


class PacsError(RadtexError):
    """A PACS cannot be reached, refuses access, or was named or asked in a way that cannot be."""

    code = "RTX-PACS"


class PacsAnswerError(PacsError):
    """A PACS answers, and not with what was asked for."""

    code = "RTX-PACS-ANSWER"
    status: int = 0
    """Of HTTP, where that is what is wrong."""


class OutputError(RadtexError):
    """A result cannot be written: the place is taken, not writable or full."""

    code = "RTX-OUTPUT"


class SiteKeyError(RadtexError):
    """The key that hides a site's patients cannot be made, is damaged, or is open to others."""

    code = "RTX-SITE-KEY"
