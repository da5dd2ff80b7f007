"""Films of a PACS, to choose from. What names a patient is in bodies: proxies log addresses."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from radtex.classifiers.structured_report import refuse_without_highdicom
from radtex.errors import ImageError, RadtexError
from radtex.serving.answering.answers import Answer, StudyAnswer
from radtex.serving.answering.film_results import (
    film_report,
    film_source,
    sentence_picture,
    target_picture,
)
from radtex.serving.answering.kept_studies import KeptStudy
from radtex.serving.answering.map_pictures import (
    check_sentence,
    check_target,
    sentence_maps,
    target_maps,
)
from radtex.serving.answering.pacs_shelf import PacsShelf, Search
from radtex.serving.answering.studying import Wish, study_upload
from radtex.serving.problems import ProblemError, describe_problems
from radtex.serving.server import Server, server_of
from radtex.statistics.thresholds import OperatingPoint

if TYPE_CHECKING:
    from pydicom import Dataset

router = APIRouter(prefix="/v1/pacs", tags=["PACS"])
PROBLEMS = describe_problems(400, 401, 403, 404, 413, 415, 421, 422, 429, 501, 502, 503, 504)
The = Annotated[Server, Depends(server_of)]
_WORD = r"^[^\\\x00-\x1f\x7f]*$"
_UID = r"^[0-9][0-9.]{0,63}$"  # no dot first: ".." would name what lies above
_NOT_OF_PACS = (
    "This film was not read from the PACS, so there is no study in which its results could be "
    "stored. Choose the film from the PACS."
)
_NOTHING = (
    "No classifier is served, so there is no structured report of findings. Choose a sentence, and "
    "store its map as a picture."
)
_CANNOT = (
    "This server cannot write results for a PACS: a package is missing. Whoever runs it installs "
    "radtex[dicom-sr]."
)
_NO_REFERENCE = (
    "Nothing was stored: the film's header is damaged, or lacks the numbers by which a result "
    "refers to a film."
)
Kind = Literal["structured-report", "picture"]
MapPicture = Callable[["Dataset"], "Dataset"]
"""Draws a map over the film whose header it is given."""


async def shelf_of(server: The) -> PacsShelf:
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


class ResultsBody(BaseModel):
    """What is stored of a film that was read from the PACS."""

    id: str = Field(max_length=64, description="The `id` of the kept study.")
    target: int | None = Field(
        default=None, ge=0, le=10_000, description="A finding whose map is stored as a picture."
    )
    sentence: int | None = Field(
        default=None, ge=0, le=10_000, description="A sentence whose map is stored as a picture."
    )


class StoredResult(BaseModel):
    """A DICOM object that the PACS keeps."""

    kind: Kind
    uid: str = Field(description="Of its instance.")


class StoredAnswer(Answer):
    """What was stored."""

    stored: list[StoredResult]
    said: str = Field(description="The same, in a sentence.")


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
        data = await _retrieved(server, shelf, place)
    with server.admission.film():
        return await study_upload(server, data, Wish(prompt, operating_point, keep), place)


@router.post("/results", responses=PROBLEMS)
async def post_results(server: The, shelf: Shelf, body: ResultsBody) -> StoredAnswer:
    """Store what was said of a film of the PACS beside it; storing the same again adds nothing.

    With a classifier, a structured report of its findings; and, of a target or a sentence that is
    named, its map over the film as a picture (Secondary Capture).
    """
    study = server.kept.find(body.id)
    if not study.place:
        raise ProblemError(422, "not-of-pacs", _NOT_OF_PACS)
    if study.prediction is None and body.target is None and body.sentence is None:
        raise ProblemError(422, "nothing-to-store", _NOTHING)
    if body.sentence is not None:
        check_sentence(study, body.sentence)
    target = "" if body.target is None else check_target(study, body.target)
    pictures: list[MapPicture] = []
    with server.admission.film():
        data = await _retrieved(server, shelf, study.place)
        if body.target is not None:
            found = await server.batcher.submit("target map", target_maps, (study, target))
            pictures.append(partial(target_picture, study, body.target, found))
        if body.sentence is not None:
            found = await server.batcher.submit(
                "sentence map", sentence_maps, (study, body.sentence)
            )
            pictures.append(partial(sentence_picture, study, body.sentence, found))
        results = await asyncio.to_thread(_results, study, data, pictures)
        await shelf.store([result for _, result in results])
    stored = [StoredResult(kind=kind, uid=str(each.SOPInstanceUID)) for kind, each in results]
    return StoredAnswer(stored=stored, said=_said(study, stored, target))


def _results(
    study: KeptStudy, data: bytes, pictures: Sequence[MapPicture]
) -> "list[tuple[Kind, Dataset]]":
    try:
        refuse_without_highdicom()
    except RadtexError:
        raise ProblemError(501, "cannot-store", _CANNOT) from None
    try:
        source = film_source(data)
        results: list[tuple[Kind, Dataset]] = []
        if study.models.classifier and study.prediction:
            point = study.operating_point
            report = film_report(study.models.classifier, study.prediction, point, source)
            results.append(("structured-report", report))
        return results + [("picture", draw(source)) for draw in pictures]
    except ImageError:
        raise ProblemError(422, "no-reference", _NO_REFERENCE) from None


def _said(study: KeptStudy, stored: Sequence[StoredResult], target: str) -> str:
    parts = []
    if study.prediction:
        abstained = study.prediction.probabilities is None
        parts.append(
            "a structured report that says that the classifier gives no answer"
            if abstained
            else "the structured report of the findings"
        )
    if target:
        parts.append(f"the map of {target} as a picture")
    if len(stored) > len(parts):
        parts.append("the map of the sentence as a picture")
    return f"Stored in the PACS, in the study of the film: {', and '.join(parts)}."


async def _retrieved(server: Server, shelf: PacsShelf, place: str) -> bytes:
    data = await shelf.file(place)
    if len(data) > server.settings.limits.upload_bytes:
        raise ProblemError(413, "upload-too-large", "The film is larger than this server takes.")
    return data
