"""Refusals as problem details (RFC 9457), in sentences that a clinician understands."""

import logging
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from radtex.errors import CorpusError, OutputError, RadtexError
from radtex.serving.settings import NOTICE

_log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """Why a request was not answered (RFC 9457)."""

    type: str = Field(description="Kind of the problem, as urn:radtex:problem:KIND.")
    title: str = Field(description="The HTTP status in words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What is wrong and what to do, in sentences.")
    notice: str = NOTICE


class ProblemError(Exception):
    """A request that is refused."""

    def __init__(
        self, status: int, kind: str, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        """Say why.

        Args:
            status: of the answer, 4xx or 5xx.
            kind: a short name, such as "lateral-film".
            detail: sentences for the person in front of the page.
            headers: of the answer.
        """
        super().__init__(detail)
        self.status, self.kind, self.detail = status, kind, detail
        self.headers = dict(headers or {})

    def response(self) -> JSONResponse:
        """The answer that says it."""
        return problem_response(self.status, self.kind, self.detail, self.headers)


UNEXPECTED = ProblemError(
    500,
    "unexpected",
    "The server met an error that it did not expect. Its log says which; please try again.",
)
"""What is said of an error that nobody thought of."""


def problem_response(
    status: int, kind: str, detail: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Answer with problem details; arguments as of `ProblemError`."""
    problem = Problem(
        type=f"urn:radtex:problem:{kind}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
    )
    return JSONResponse(problem.model_dump(), status, dict(headers or {}), MEDIA_TYPE)


def add_problem_handlers(app: FastAPI) -> None:
    """Let an application answer its errors with problem details."""

    @app.exception_handler(ProblemError)
    async def refused(_request: Request, error: ProblemError) -> JSONResponse:
        return error.response()

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        # The values themselves stay out of the answer: they may be a patient's.
        said = "; ".join(
            f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}"
            for each in error.errors()[:5]
        )
        return problem_response(422, "invalid-request", f"The request is not as expected: {said}.")

    @app.exception_handler(HTTPException)
    async def http(_request: Request, error: HTTPException) -> JSONResponse:
        kinds = {404: "not-found", 405: "method-not-allowed"}
        said = {
            404: "There is nothing at this address.",
            405: "This address does not take that method.",
        }.get(error.status_code, str(error.detail))
        kind = kinds.get(error.status_code, "refused")
        return problem_response(error.status_code, kind, said, error.headers)

    @app.exception_handler(RadtexError)
    async def own(_request: Request, error: RadtexError) -> JSONResponse:
        if isinstance(error, OutputError):
            _log.error("%s", error)
            full = "disk is full" in str(error)
            why = (
                "the disk is full on the machine that runs the server"
                if full
                else "the server cannot write to its disk"
            )
            said = f"Nothing was saved: {why}. Please tell whoever runs it; its log says where."
            return problem_response(507, "cannot-write", said)
        kind = "corpus" if isinstance(error, CorpusError) else "not-possible"
        return problem_response(422, kind, f"{str(error)[:1].upper()}{str(error)[1:]}.")

    @app.exception_handler(Exception)
    async def unexpected(_request: Request, _error: Exception) -> JSONResponse:
        return UNEXPECTED.response()


def describe_problems(*statuses: int) -> dict[int | str, dict[str, object]]:
    """Document the problems of a route, for `responses=`."""
    return {
        status: {
            "model": Problem,
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }
