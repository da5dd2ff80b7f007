"""Films: what the models say of them, and where they looked."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from radtex.errors import RunError
from radtex.models.zero_shot.unknown_words import refuse_unknown_words
from radtex.reports.phrases import find_question
from radtex.serving.answering.answers import (
    EmbeddingAnswer,
    MapAnswer,
    PromptBody,
    QuestionAnswer,
    QuestionBody,
    ReportAnswer,
    StudyAnswer,
)
from radtex.serving.answering.film_reading import Asked, answer_questions, encode_films
from radtex.serving.answering.kept_studies import KeptStudy
from radtex.serving.answering.map_pictures import (
    FilmMap,
    check_sentence,
    check_target,
    sentence_maps,
    target_maps,
)
from radtex.serving.answering.opened_models import OpenedModels
from radtex.serving.answering.studying import (
    Wish,
    no_writer,
    refuse_other_films,
    rewrite,
    study_upload,
)
from radtex.serving.gate.uploads import Upload, read_upload, upload_body
from radtex.serving.problems import ProblemError, describe_problems
from radtex.serving.server import Server, server_of
from radtex.statistics.thresholds import OperatingPoint

UPLOAD_PROBLEMS = describe_problems(400, 401, 403, 408, 413, 415, 421, 422, 429, 503)
PROBLEMS = describe_problems(400, 401, 403, 404, 421, 422, 429, 503)
PNG: dict[int | str, dict[str, object]] = {
    200: {"content": {"image/png": {}}, "description": "A PNG."}
}

router = APIRouter(prefix="/v1", tags=["films"])
The = Annotated[Server, Depends(server_of)]
Name = Annotated[str, Path(max_length=64, description="The `id` of a kept study.")]
Number = Annotated[int, Path(ge=0, le=10_000, description="Its place in the answer, from 0.")]


@router.post("/studies", responses=UPLOAD_PROBLEMS, openapi_extra=upload_body())
async def post_study(
    request: Request,
    server: The,
    keep: Annotated[
        bool, Query(description="Keep it in memory for a while, for its film, maps and questions.")
    ] = False,
    prompt: Annotated[str, Query(max_length=1000, description="How the report begins.")] = "",
    operating_point: Annotated[
        OperatingPoint, Query(description="What makes a probability a yes.")
    ] = "youden",
) -> StudyAnswer:
    """Read a film: the drafted report, findings, and the training films that are most like it."""
    upload = await _received(server, request)
    with server.admission.film():
        return await study_upload(server, upload.image, Wish(prompt, operating_point, keep))


@router.delete("/studies/{name}", status_code=204, responses=PROBLEMS)
async def delete_study(server: The, name: Name) -> None:
    """Forget a kept study now."""
    server.kept.forget(name)


@router.get("/studies/{name}/film.png", responses=PROBLEMS | PNG, response_class=Response)
async def get_film(server: The, name: Name) -> Response:
    """Show the film, 8 bit grey."""
    return Response(server.kept.find(name).png, media_type="image/png")


@router.post("/studies/{name}/report", responses=PROBLEMS)
async def post_report(server: The, name: Name, body: PromptBody) -> ReportAnswer:
    """Write the report of a kept study anew, from a prompt; its maps are those of this report."""
    with server.admission.film():
        return await rewrite(server, name, body.prompt)


@router.post("/studies/{name}/questions", responses=PROBLEMS)
async def post_question(server: The, name: Name, body: QuestionBody) -> QuestionAnswer:
    """Ask a kept study whether it shows a finding."""
    study = server.kept.find(name)
    with server.admission.film():
        return await _asked(server, study.models, study, body.question)


@router.get(
    "/studies/{name}/maps/sentences/{number}.png",
    responses=PROBLEMS | PNG,
    response_class=Response,
)
async def get_sentence_picture(server: The, name: Name, number: Number) -> Response:
    """Show what raises the likelihood of a sentence: a tint of the film's shape."""
    return _picture(await _of_sentence(server, name, number))


@router.get("/studies/{name}/maps/sentences/{number}", responses=PROBLEMS)
async def get_sentence_map(server: The, name: Name, number: Number) -> MapAnswer:
    """Give the same in numbers."""
    return (await _of_sentence(server, name, number)).answer()


@router.get(
    "/studies/{name}/maps/targets/{number}.png", responses=PROBLEMS | PNG, response_class=Response
)
async def get_target_picture(server: The, name: Name, number: Number) -> Response:
    """Show what raises the probability of a finding: a tint of the film's shape."""
    return _picture(await _of_target(server, name, number))


@router.get("/studies/{name}/maps/targets/{number}", responses=PROBLEMS)
async def get_target_map(server: The, name: Name, number: Number) -> MapAnswer:
    """Give the same in numbers."""
    return (await _of_target(server, name, number)).answer()


@router.post(
    "/ask",
    responses=UPLOAD_PROBLEMS,
    openapi_extra=upload_body(
        question={"type": "string", "description": 'Such as "pleural effusion".'}
    ),
)
async def post_ask(request: Request, server: The) -> QuestionAnswer:
    """Ask an uploaded film whether it shows a finding; nothing of it is kept."""
    upload = await _received(server, request)
    words = {"question": _field(upload, "question")}
    question = QuestionBody.model_validate_strings(words).question
    with server.admission.film():
        models = server.holder.models
        film = await server.pool.decode(upload.image, models.squares)
        refuse_other_films(film)
        study = KeptStudy(models, film.squares, b"", film.height, film.width)
        return await _asked(server, models, study, question)


@router.post("/embeddings", responses=UPLOAD_PROBLEMS, openapi_extra=upload_body())
async def post_embedding(request: Request, server: The) -> EmbeddingAnswer:
    """Give the pooled features of an uploaded film."""
    upload = await _received(server, request)
    with server.admission.film():
        models = server.holder.models
        film = await server.pool.decode(upload.image, models.squares)
        item = models, film.squares[0]
        features = await server.batcher.submit(("encode", id(models)), encode_films, item)
        served = models.run or models.classifier
        assert served is not None
        return EmbeddingAnswer(model=served.path.name, embedding=features.tolist())


async def _received(server: Server, request: Request) -> Upload:
    """Read an upload, unless it is known already that it will not be answered."""
    with server.admission.upload():
        _ = server.holder.models
        return await read_upload(request)


async def _asked(
    server: Server, models: OpenedModels, study: KeptStudy, words: str
) -> QuestionAnswer:
    if models.run is None or not models.run.writes:
        raise no_writer()
    _, tokenizer = models.run.model.writer()
    try:
        refuse_unknown_words([words], tokenizer)
    except RunError as error:
        raise ProblemError(
            422, "unknown-words", f"{str(error)[:1].upper()}{str(error)[1:]}."
        ) from error
    question = find_question(words)
    asked = Asked(models, study.squares[0], question)
    kind = ("ask", id(models), question, asked.square.shape)
    probability = await server.batcher.submit(kind, answer_questions, asked)
    return QuestionAnswer(question=words, probability=probability)


async def _of_sentence(server: Server, name: str, number: int) -> FilmMap:
    study = server.kept.find(name)
    check_sentence(study, number)
    return await server.batcher.submit("sentence map", sentence_maps, (study, number))


async def _of_target(server: Server, name: str, number: int) -> FilmMap:
    study = server.kept.find(name)
    target = check_target(study, number)
    return await server.batcher.submit("target map", target_maps, (study, target))


def _picture(found: FilmMap) -> Response:
    return Response(found.png(), media_type="image/png")


def _field(upload: Upload, name: str) -> str:
    if not upload.fields.get(name, "").strip():
        raise ProblemError(422, "no-question", f"The form has no field {name}; fill it in.")
    return upload.fields[name].strip()
