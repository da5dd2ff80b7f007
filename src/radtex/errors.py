"""The errors a user can mend. Each message says what was found, what was expected, what to do."""


class RadtexError(Exception):
    """Base of every error that radtex raises on purpose; the command line prints it as one line."""


class ImageError(RadtexError):
    """An image file cannot be read, or is no radiograph."""


class CorpusError(RadtexError):
    """A source, a record or a corpus folder is not as its contract says."""


class RecipeError(RadtexError):
    """A recipe names an unknown field or an impossible value."""


class RunError(RadtexError):
    """A run folder, its weights or its tokenizer is missing, damaged or of another run."""


class StoppedError(RadtexError):
    """Work was asked to end and has left off where it can be resumed."""


class ProtocolError(RadtexError):
    """A transfer experiment would break one of its own rules."""


class SmallPoolError(ProtocolError):
    """A budget is larger than what the pool has of labels."""


class PacsError(RadtexError):
    """A PACS cannot be reached, refuses access, or was named or asked in a way that cannot be."""


class PacsAnswerError(PacsError):
    """A PACS answers, and not with what was asked for."""


class OutputError(RadtexError):
    """A result cannot be written: the place is taken, not writable or full."""


class SiteKeyError(RadtexError):
    """The key that hides a site's patients cannot be made, is damaged, or is open to others."""
