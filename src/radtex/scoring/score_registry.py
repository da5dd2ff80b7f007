"""The text scores, in the order in which they are shown."""

from collections.abc import Sequence
from pathlib import Path

from radtex.scoring.bleu import Bleu
from radtex.scoring.cider import CiderD
from radtex.scoring.clinical import Clinical
from radtex.scoring.label_f1 import LabelF1
from radtex.scoring.rouge import RougeL
from radtex.scoring.text_score import TextScore

SCORES: Sequence[TextScore] = (
    Bleu(),
    RougeL(),
    CiderD(),
    LabelF1(),
)
"""The scores that need nothing but the texts."""


def text_scores(clinical: Path | None = None) -> Sequence[TextScore]:
    """All scores; those of RadEval where the folder of its weights is given."""
    return SCORES if clinical is None else (*SCORES, Clinical(clinical))
