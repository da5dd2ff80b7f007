"""The web application: routes, pages, and the gate before them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.responses import FileResponse
from starlette.staticfiles import StaticFiles

from radtex import __version__
from radtex.serving.gate.gate import Door, Gate
from radtex.serving.problems import add_problem_handlers
from radtex.serving.routes import (
    corpus_routes,
    label_routes,
    pacs_routes,
    service_routes,
    study_routes,
    worth_routes,
)
from radtex.serving.server import Server
from radtex.serving.settings import NOTICE, ServeSettings

PAGES = Path(__file__).parent / "pages"
"""The static files; `index.html` is the first page, and `label.html` that for labels."""


def create_app(settings: ServeSettings) -> FastAPI:
    """Make the application of a server.

    Args:
        settings: what it serves, and to whom.

    Raises:
        RadtexError: if a model or the corpus is none.
    """
    server = Server(settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with server.running():
            yield

    app = FastAPI(
        title="radtex",
        version=__version__,
        description=f"Reports and findings of chest radiographs. {NOTICE}",
        lifespan=lifespan,
        docs_url=None,  # its pages load scripts from elsewhere
        redoc_url=None,
        openapi_url="/v1/openapi.json",
    )
    app.state.server = server
    add_problem_handlers(app)
    for routes in (study_routes, corpus_routes, label_routes, worth_routes, service_routes):
        app.include_router(routes.router)
    if settings.pacs:
        app.include_router(pacs_routes.router)
    _add_pages(app, settings)
    door = Door({settings.host.lower(), *map(str.lower, settings.names)}, settings.token)
    app.add_middleware(Gate, door=door, limits=settings.limits, traffic=server.traffic)
    return app


def _add_pages(app: FastAPI, settings: ServeSettings) -> None:
    def page(address: str, name: str) -> None:
        @app.get(address, include_in_schema=False)
        async def show() -> FileResponse:
            return FileResponse(PAGES / name)

    page("/", "index.html")
    if settings.label:
        page("/label", "label.html")
    app.mount("/static", StaticFiles(directory=PAGES), name="static")
