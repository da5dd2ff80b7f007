"""What the labels so far are worth."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, BackgroundTasks, Depends
from pydantic import BaseModel, Field

from radtex.serving.answering.answers import Answer
from radtex.serving.desk.worth import Planner, PlanSoFar, Retraining
from radtex.serving.problems import describe_problems
from radtex.serving.server import Server, server_of

router = APIRouter(prefix="/v1", tags=["labels"])
PROBLEMS = describe_problems(401, 403, 404, 421, 422, 507)
The = Annotated[Server, Depends(server_of)]


class Measured(BaseModel):
    """The AUC that was measured inside the labels there are."""

    labels: float
    auc: float


class Expected(BaseModel):
    """What to expect of some number of labels."""

    labels: int
    auc: float = Field(description="Mean over targets.")
    low: float = Field(description="Lower end of the 95 % interval.")
    high: float
    more: float = Field(description="What that is above the AUC with the labels there are.")
    more_low: float
    more_high: float


class PlanAnswer(Answer):
    """The curve of the labels so far."""

    state: Literal["running", "ready", "none"]
    labels: int = Field(description="Of the target that has fewest, when it was computed.")
    targets: list[str]
    measured: list[Measured]
    expected: list[Expected]
    sentence: str = Field(description='Such as "50 more labels: 0.81 → 0.83 [0.80, 0.86]".')
    flags: list[str] = Field(description="What is to be known beside the numbers.")


class RetrainAnswer(Answer):
    """A classifier that is made of the labels so far."""

    state: Literal["idle", "running", "done", "failed"]
    said: str = Field(description="How it went, in a sentence.")
    served: bool = Field(description="Whether the new classifier answers films by now.")


@router.get("/plan", responses=PROBLEMS)
def get_plan(server: The, background: BackgroundTasks) -> PlanAnswer:
    """Give the newest curve, and begin a newer one if there are other labels by now."""
    planner = server.the_planner()
    if planner.is_due() and not planner.running:
        background.add_task(planner.compute)
        return _said(planner.last, "running")
    return _said(planner.last, _state(planner))


@router.get("/retrain", responses=PROBLEMS)
def get_retrain(server: The) -> RetrainAnswer:
    """Say how far a new classifier is."""
    return _progress(server.the_retraining(), server)


@router.post("/retrain", status_code=202, responses=PROBLEMS)
async def post_retrain(server: The, background: BackgroundTasks) -> RetrainAnswer:
    """Make a classifier of the labels so far in the background, and serve it when it is made."""
    retraining = server.the_retraining()
    if await asyncio.to_thread(retraining.start):
        background.add_task(_make, server, retraining)
    return _progress(retraining, server)


def _make(server: Server, retraining: Retraining) -> None:
    retraining.work()
    if retraining.state == "done" and retraining.classifier is not None:
        server.holder.replace_classifier(retraining.classifier)


def _progress(retraining: Retraining, server: Server) -> RetrainAnswer:
    made = retraining.classifier
    return RetrainAnswer(
        state=retraining.state,
        said=retraining.said,
        served=made is not None and server.holder.classifier_path == made,
    )


def _state(planner: Planner) -> Literal["running", "ready", "none"]:
    if planner.running:
        return "running"
    return "ready" if planner.last is not None and planner.last.content else "none"


def _said(found: PlanSoFar | None, state: Literal["running", "ready", "none"]) -> PlanAnswer:
    content = found.content if found else {}
    expected = [
        Expected(
            labels=int(labels),
            auc=value["mean"],
            low=value["low"],
            high=value["high"],
            more=(more := content["gain"][labels])["mean"],
            more_low=more["low"],
            more_high=more["high"],
        )
        for labels, value in content.get("mean_auc", {}).items()
    ]
    measured = [
        Measured(labels=float(labels), auc=auc)
        for labels, auc in content.get("measured", {}).items()
    ]
    return PlanAnswer(
        state=state,
        labels=found.labels if found else 0,
        targets=content.get("targets", []),
        measured=measured,
        expected=expected,
        sentence=_sentence(expected) or (found.why if found else ""),
        flags=content.get("flags", []),
    )


def _sentence(expected: list[Expected]) -> str:
    if len(expected) < 2:
        return ""
    now, then = expected[:2]
    return (
        f"{then.labels - now.labels} more labels: {now.auc:.2f} → {then.auc:.2f} "
        f"[{then.low:.2f}, {then.high:.2f}]"
    )
