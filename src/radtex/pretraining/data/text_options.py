"""Which text is learnt, and how it is cut into tokens."""

from dataclasses import dataclass
from typing import Annotated, Literal

from radtex.bounds import AtLeast, AtMost
from radtex.reports.training_text import TextPolicy


@dataclass(frozen=True)
class TextOptions:
    """Which text is learnt, and how it is cut into tokens."""

    text_policy: Literal[TextPolicy, "sampled"] = "findings+impression"
    """Sections that are learnt; `sampled`: in each epoch findings, impression or both."""
    remove_priors: bool = False
    """Drop or rewrite what refers to earlier studies."""
    shuffle_reports: bool = False
    """Deal the texts of a split to other images of it: a control, which learns nothing of them."""
    vocabulary: Annotated[int, AtLeast(260), AtMost(1_000_000)] = 10_000
    """Pieces of the tokenizer, at most."""
    word_patients: Annotated[int, AtLeast(1)] = 5
    """Patients in whose reports a word must stand before the tokenizer learns pieces from it, so
    that its file holds no names. Rarer words are spelt by pieces of others, or by bytes."""
    tokenizer: str | None = None
    """A `tokenizer.json` of the tokenizers library, in place of one trained on the corpus."""
    max_tokens: Annotated[int, AtLeast(2), AtMost(16_384)] = 128
    """Longest input, in tokens, its start token included."""
