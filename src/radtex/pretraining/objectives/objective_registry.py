"""The objectives there are, by the name that a recipe gives them.

Nothing here imports torch, so that a recipe can be read without it.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from radtex.errors import RecipeError

if TYPE_CHECKING:
    from radtex.pretraining.objectives.objective import Objective

OBJECTIVES = {
    "bicaptioning": "captioning:Bicaptioning",
    "joint": "joint:Joint",
    "captioning": "captioning:Captioning",
    "masked": "masked:Masked",
    "contrastive": "contrastive:Contrastive",
    "contrastive-captioning": "contrastive_captioning:ContrastiveCaptioning",
    "token-classification": "token_classification:TokenClassification",
    "vicreg": "vicreg:VICReg",
    "supervised": "supervised:Supervised",
}
"""Module and class of each objective, by its name; imported when a run needs it."""


def objective_class(name: str) -> "type[Objective]":
    """Import the class of the objective of that name.

    Raises:
        RecipeError: if there is no such objective.
    """
    if name not in OBJECTIVES:
        raise RecipeError(f"unknown objective {name!r}; expected one of {', '.join(OBJECTIVES)}")
    module, _, class_name = OBJECTIVES[name].partition(":")
    found: type[Objective] = getattr(import_module(f"{__package__}.{module}"), class_name)
    return found
