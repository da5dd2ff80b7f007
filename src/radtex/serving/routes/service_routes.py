"""What is served, whether it is ready, and numbers about it."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from radtex import __version__
from radtex.serving.answering.answers import Capability, ModelAnswer, ModelsAnswer
from radtex.serving.answering.map_pictures import NO_MAPS
from radtex.serving.answering.opened_models import OpenedModels, card_of
from radtex.serving.problems import ProblemError, describe_problems
from radtex.serving.server import Server, server_of

WRITER: tuple[Capability, ...] = ("questions", "report", "report_maps")
"""Capabilities of a run that writes."""
MAPPED: tuple[Capability, ...] = ("finding_maps",)
"""Capabilities of a classifier with its networks."""
NO_WRITER = "This run learnt no writing: it gives embeddings, and neither reports nor answers."
NO_REPORTS = "A classifier writes no reports and answers no questions; serve a run beside it."
router = APIRouter(tags=["service"])
The = Annotated[Server, Depends(server_of)]


class Health(BaseModel):
    """That a server is there."""

    status: Literal["ok"] = "ok"


@router.get("/healthz")
async def get_health() -> Health:
    """Say that the server is alive, whether or not it has its models."""
    return Health()


@router.get("/readyz", responses=describe_problems(421, 503))
async def get_ready(server: The) -> Health:
    """Say that films are answered."""
    _ = server.holder.models
    return Health()


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}, **describe_problems(401, 403, 421)},
)
async def get_metrics(server: The) -> Response:
    """Give numbers in Prometheus's format."""
    return Response(server.traffic.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


@router.get("/v1/models", responses=describe_problems(401, 403, 421))
async def get_models(server: The) -> ModelsAnswer:
    """Say what is served."""
    state, models = server.holder.state, []
    try:
        models = await asyncio.to_thread(_described, server.holder.models)
    except ProblemError as error:
        if error.status != 503:
            raise
    return ModelsAnswer(
        version=__version__,
        state=state,
        models=models,
        corpus=server.shelf is not None,
        label=server.settings.label,
        pacs=server.pacs is not None,
        upload_bytes=server.settings.limits.upload_bytes,
    )


def _described(models: OpenedModels) -> list[ModelAnswer]:
    described = []
    if models.run:
        run = models.run
        described.append(
            ModelAnswer(
                name=run.path.name,
                kind="run",
                size=run.preprocessing.size,
                writes_reports=run.writes,
                capabilities=["embeddings", *(WRITER if run.writes else ())],
                cannot=[] if run.writes else [NO_WRITER],
                targets=[],
                sha256=run.sha256,
                card=card_of(run.path),
            )
        )
    if models.classifier:
        served = models.classifier
        maps = served.networks is not None
        described.append(
            ModelAnswer(
                name=served.path.name,
                kind="classifier",
                size=served.model.preprocessing.size,
                writes_reports=False,
                capabilities=["embeddings", "findings", *(MAPPED if maps else ())],
                cannot=[NO_REPORTS, *([] if maps else [NO_MAPS])],
                targets=[each.name for each in served.model.targets],
                sha256=served.sha256,
                card=card_of(served.path),
            )
        )
    return described
