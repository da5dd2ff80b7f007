"""The text of a study that a captioner learns to write."""

from collections.abc import Iterable
from typing import Literal, get_args

import pandas as pd

TextPolicy = Literal["findings+impression", "findings", "impression"]
TEXT_POLICIES: tuple[TextPolicy, ...] = get_args(TextPolicy)


def training_text(
    findings: str, impression: str, policy: TextPolicy = "findings+impression"
) -> str:
    """Return the text to learn, with every run of white space collapsed to one space.

    `findings` or `impression` alone falls back to the other section where the named one is
    empty; the result is "" where both are.
    """
    findings, impression = " ".join(findings.split()), " ".join(impression.split())
    match policy:
        case "findings":
            return findings or impression
        case "impression":
            return impression or findings
        case "findings+impression":
            return f"{findings} {impression}".strip()


def training_texts(index: pd.DataFrame, policy: TextPolicy = "findings+impression") -> list[str]:
    """Return `training_text` of each row of a corpus index, in its order."""
    sections: Iterable[tuple[str, str]] = zip(index["findings"], index["impression"], strict=True)
    return [training_text(findings, impression, policy) for findings, impression in sections]
