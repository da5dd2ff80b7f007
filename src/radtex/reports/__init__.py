"""Free text of radiology reports."""

from radtex.reports.training_text import (
    TEXT_POLICIES,
    TextPolicy,
    training_text,
    training_texts,
)

__all__ = ["TEXT_POLICIES", "TextPolicy", "training_text", "training_texts"]
