"""How a report is chosen from the scores of the next token."""

from dataclasses import dataclass
from typing import Annotated

from radtex.bounds import Above, AtLeast, AtMost
from radtex.errors import RunError


@dataclass(frozen=True)
class DecodingOptions:
    """How a report is chosen from the scores of the next token; greedy as it stands.

    Raises:
        RunError: if both `beams` and `top_p` are set.
    """

    beams: Annotated[int, AtLeast(1)] = 1
    """Beams to search with; 1 without a length penalty is greedy."""
    top_p: Annotated[float | None, Above(0), AtMost(1)] = None
    """Sample instead of searching, from the likeliest tokens that make up this share of the
    probability (the nucleus of Holtzman et al., 2020)."""
    temperature: Annotated[float, Above(0)] = 1.0
    """What the scores are divided by before sampling: below 1 keeps to likely words, above 1
    strays."""
    length_penalty: Annotated[float, AtLeast(0)] = 0.0
    """The α by which candidates are compared: log-likelihood / length^α, with the end token
    counted and the prompt not. 0 favours short reports."""
    no_repeat: Annotated[int, AtLeast(0)] = 0
    """Never write the same run of this many tokens twice, the prompt's counted; 0 sets no limit."""
    min_tokens: Annotated[int, AtLeast(0)] = 0
    """Tokens that a report has at least, the prompt's counted."""

    def __post_init__(self) -> None:
        """Refuse what cannot be had together."""
        if self.top_p is not None and self.beams > 1:
            raise RunError("a report is either searched with beams or sampled; choose one of both")
