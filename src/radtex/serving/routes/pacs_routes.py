"""Films of a PACS, to choose from. What names a patient is in bodies: proxies log addresses."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from radtex.serving.answering.answers import Answer, StudyAnswer
from radtex.serving.answering.pacs_shelf import PacsShelf, Search
from radtex.serving.answering.studying import Wish, study_upload
from radtex.serving.problems import ProblemError, describe_problems
from radtex.serving.server import Server, server_of
from radtex.statistics.thresholds import OperatingPoint

router = APIRouter(prefix="/v1/pacs", tags=["PACS"])
PROBLEMS = describe_problems(400, 401, 403, 404, 413, 415, 421, 422, 429, 502, 503, 504)
The = Annotated[Server, Depends(server_of)]
_WORD = r"^[^\\\x00-\x1f\x7f]*$"
_UID = r"^[0-9.]{1,64}$"


def shelf_of(server: The) -> PacsShelf:
    """Return the PACS of a server; a problem if it was started without one."""
    if server.pacs is None:
        raise ProblemError(404, "no-pacs", "This server was started without a PACS (--pacs).")
    return server.pacs


Shelf = Annotated[PacsShelf, Depends(shelf_of)]


class SearchBody(BaseModel):
    """What a study is to match; what is left out matches all."""

    patient: str = Field(
        default="", max_length=64, pattern=_WORD, description="The patient's id; * for any letters."
    )
    accession: str = Field(
        default="", max_length=16, pattern=_WORD, description="The hospital's number of the study."
    )
    first: date | None = Field(default=None, description="The earliest day.")
    last: date | None = Field(default=None, description="The latest day.")
    modality: Literal["", "CR", "DX", "DR"] = Field(default="", description='"" for all three.')


class FoundStudy(BaseModel):
    """A study of the PACS."""

    uid: str
    patient: str = Field(description="The patient's id.")
    accession: str
    day: str = Field(description='ISO 8601; "" where the PACS does not tell.')
    description: str
    modalities: list[str]
    images: int | None = Field(description="Its instances; null where the PACS does not tell.")


class SearchAnswer(Answer):
    """Studies that match, the newest first."""

    studies: list[FoundStudy]
    more: bool = Field(description="Whether there are more: search for fewer.")


class StudyBody(BaseModel):
    """Names a study."""

    study: str = Field(pattern=_UID, description="Its UID.")


class FilmBody(StudyBody):
    """Names a film."""

    series: str = Field(pattern=_UID, description="Its series' UID.")
    instance: str = Field(pattern=_UID, description="Its own UID.")


class PacsFilm(FilmBody):
    """A chest radiograph of a study."""

    view: str = Field(description='PA, AP, LATERAL, OTHER, or "" where nothing tells.')


class FilmsOfStudy(Answer):
    """The chest radiographs of a study."""

    films: list[PacsFilm]


@router.post("/search", responses=PROBLEMS)
async def post_search(shelf: Shelf, body: SearchBody) -> SearchAnswer:
    """Search for studies with radiographs."""
    if body.first and body.last and body.first > body.last:
        raise ProblemError(
            422, "no-days", "The first day is after the last; exchange them, and search again."
        )
    search = Search(body.patient, body.accession, body.first, body.last, body.modality)
    studies, more = await shelf.studies(search)
    return SearchAnswer(studies=[FoundStudy(**vars(each)) for each in studies], more=more)


@router.post("/films", responses=PROBLEMS)
async def post_films(shelf: Shelf, body: StudyBody) -> FilmsOfStudy:
    """List the chest radiographs of a study."""
    films = []
    for each in await shelf.films(body.study):
        _, study, _, series, _, instance = each.source_path.split("/")
        films.append(PacsFilm(study=study, series=series, instance=instance, view=each.view))
    return FilmsOfStudy(films=films)


@router.post("/study", responses=PROBLEMS)
async def post_study(
    server: The,
    shelf: Shelf,
    body: FilmBody,
    keep: Annotated[bool, Query(description="As of an upload.")] = True,
    prompt: Annotated[str, Query(max_length=1000)] = "",
    operating_point: Annotated[OperatingPoint, Query()] = "youden",
) -> StudyAnswer:
    """Read a film of the PACS as if it were uploaded."""
    place = f"studies/{body.study}/series/{body.series}/instances/{body.instance}"
    with server.admission.upload():
        _ = server.holder.models
        data = await shelf.file(place)
    if len(data) > server.settings.limits.upload_bytes:
        raise ProblemError(413, "upload-too-large", "The film is larger than this server takes.")
    with server.admission.film():
        return await study_upload(server, data, Wish(prompt, operating_point, keep))
