"""Films of the corpus, to choose from; patients are not named."""

from typing import Annotated

import numpy as np
from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, Field

from radtex.serving.answering.answers import Answer, StudyAnswer
from radtex.serving.answering.studying import Wish, study_corpus_film
from radtex.serving.routes.study_routes import PNG, PROBLEMS
from radtex.serving.server import Server, server_of
from radtex.statistics.thresholds import OperatingPoint

router = APIRouter(prefix="/v1/corpus", tags=["corpus"])
The = Annotated[Server, Depends(server_of)]
Film = Annotated[int, Path(ge=0, le=2**31, description="The number of a film, from 0.")]


class ListedFilm(BaseModel):
    """A film of the corpus."""

    film: int = Field(description="Its number.")
    split: str
    view: str
    picture: str = Field(description="Address of a PNG.")


class FilmsAnswer(Answer):
    """Some films of the corpus."""

    count: int = Field(description="Films that match, in all.")
    films: list[ListedFilm]


class FilmReport(Answer):
    """What was written of a film."""

    report: str


@router.get("/films", responses=PROBLEMS)
async def get_films(
    server: The,
    split: Annotated[str, Query(max_length=50, description="Of one split alone.")] = "",
    offset: Annotated[int, Query(ge=0, le=2**31)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> FilmsAnswer:
    """List films."""
    index = server.the_shelf().corpus.index
    splits = index["split"].to_numpy(object)
    rows = np.flatnonzero(splits == split) if split else np.arange(len(index))
    shown = rows[offset : offset + limit].tolist()
    return FilmsAnswer(
        count=len(rows),
        films=[
            ListedFilm(
                film=row,
                split=index["split"].iloc[row],
                view=index["view"].iloc[row],
                picture=f"/v1/corpus/films/{row}/film.png",
            )
            for row in shown
        ],
    )


@router.get("/films/{film}/film.png", responses=PROBLEMS | PNG, response_class=Response)
async def get_film_picture(server: The, film: Film) -> Response:
    """Show a film."""
    return Response(server.the_shelf().png(film), media_type="image/png")


@router.get("/films/{film}/report", responses=PROBLEMS)
async def get_film_report(server: The, film: Film) -> FilmReport:
    """Show the report of a film."""
    return FilmReport(report=server.the_shelf().report(film))


@router.post("/films/{film}/study", responses=PROBLEMS)
async def post_film_study(
    server: The,
    film: Film,
    keep: Annotated[bool, Query(description="As of an upload.")] = True,
    prompt: Annotated[str, Query(max_length=1000)] = "",
    operating_point: Annotated[OperatingPoint, Query()] = "youden",
) -> StudyAnswer:
    """Read a film of the corpus as if it were uploaded."""
    with server.admission.film():
        return await study_corpus_film(server, film, Wish(prompt, operating_point, keep))
