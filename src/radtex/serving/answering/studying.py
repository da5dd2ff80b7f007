"""From the bytes of an upload, or a film of the corpus, to all that is said of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from radtex.classifiers.opening import Answering
from radtex.classifiers.prediction import Prediction
from radtex.errors import RunError
from radtex.serving.answering.answers import (
    FilmFacts,
    Finding,
    FindingsAnswer,
    ReportAnswer,
    StudyAnswer,
)
from radtex.serving.answering.film_reading import Read, Reading, read_films
from radtex.serving.answering.kept_studies import KeptStudy
from radtex.serving.answering.opened_models import OpenedModels, ServedClassifier
from radtex.serving.answering.wording import report_answer, tokens_of
from radtex.serving.film_workers.film_pool import DecodedFilm
from radtex.serving.problems import ProblemError
from radtex.serving.server import Server
from radtex.statistics.thresholds import OperatingPoint

_COLOUR = "The file is in colour; its brightness was read, and its colours were not."
_UNCHECKED = (
    "No classifier is served, so nothing checks whether this is a frontal chest radiograph."
)
_NO_VIEW = "The header does not say whether this is a frontal film."


@dataclass(frozen=True)
class Wish:
    """What is asked of a study."""

    prompt: str = ""
    """How the report begins."""
    operating_point: OperatingPoint = "youden"
    """What makes a probability a yes."""
    keep: bool = False
    """Whether it is kept in memory for its film and maps."""


def refuse_other_films(film: DecodedFilm) -> None:
    """Refuse what a header says is no frontal film of a chest.

    Raises:
        ProblemError: with 422.
    """
    if not film.chest:
        raise ProblemError(
            422,
            "no-chest",
            "The file's header names another part of the body than the chest. The models know "
            "chest radiographs alone; upload one.",
        )
    if film.view == "LATERAL":
        raise ProblemError(
            422,
            "lateral-film",
            "The file's header says that this is a lateral film. The models read frontal films "
            "(PA or AP) alone; upload the frontal film of the study.",
        )


async def study_upload(server: Server, data: bytes, wish: Wish, place: str = "") -> StudyAnswer:
    """Say all of an upload.

    Args:
        server: that reads it.
        data: the file.
        wish: what is asked of it.
        place: where in the PACS it was found.

    Raises:
        ProblemError: if it cannot be answered.
    """
    models = server.holder.models
    display = server.settings.limits.display_side if wish.keep else 0
    film = await server.pool.decode(data, models.squares, display)
    refuse_other_films(film)
    notes = [_COLOUR] if film.colour else []
    if film.dicom and not film.view:
        notes.append(_NO_VIEW)
    facts = FilmFacts(width=film.width, height=film.height, view=film.view, picture=None)
    study = KeptStudy(models, film.squares, film.png, film.height, film.width, place=place)
    return await _answer(server, study, wish, facts, notes)


async def study_corpus_film(server: Server, number: int, wish: Wish) -> StudyAnswer:
    """Say all of a film of the corpus; see `study_upload`."""
    models, shelf = server.holder.models, server.the_shelf()
    pixels = shelf.pixels(number)
    height, width = pixels.shape
    view = str(shelf.corpus.index["view"].iloc[number])
    facts = FilmFacts(width=width, height=height, view=view, picture=None)
    png = shelf.png(number)
    study = KeptStudy(models, _squares(models, pixels, png), png, height, width)
    return await _answer(server, study, wish, facts, [])


def _squares(
    models: OpenedModels, pixels: NDArray[np.uint8], png: bytes
) -> tuple[NDArray[np.uint8], ...]:
    if models.classifier is None or models.classifier.networks is not None:
        return (pixels,) * len(models.squares)
    # A graph takes images of one size alone.
    return tuple(
        pixels if pixels.shape == (each.size, each.size) else each.apply(png)
        for each in models.squares
    )


async def rewrite(server: Server, name: str, prompt: str) -> ReportAnswer:
    """Write the report of a kept study anew, from a prompt.

    Raises:
        ProblemError: if it is not kept, or no model writes.
    """
    study = server.kept.find(name)
    wish = Wish(prompt=prompt)
    read = await _read(server, study, wish)
    study, report = _reported(study, read, wish)
    if report is None:
        raise no_writer()
    server.kept.keep(study, name)
    return _with_maps(report, name)


def no_writer() -> ProblemError:
    """What is said where no model writes."""
    return ProblemError(
        422, "no-reports", "No model that writes reports is served here; start one with a run."
    )


async def _answer(
    server: Server, study: KeptStudy, wish: Wish, facts: FilmFacts, notes: list[str]
) -> StudyAnswer:
    read = await _read(server, study, wish)
    study, report = _reported(study, read, wish)
    study = replace(study, prediction=read.prediction, operating_point=wish.operating_point)
    classifier = study.models.classifier
    findings = None
    if classifier and read.prediction:
        findings = _findings(classifier, read.prediction, wish.operating_point)
    nearest = None
    if server.shelf and read.features is not None:
        nearest = server.shelf.nearest(read.features)
    if classifier is None:
        notes = [*notes, _UNCHECKED]
    name = None
    if wish.keep:
        name = server.kept.keep(study)
        facts = facts.model_copy(update={"picture": f"/v1/studies/{name}/film.png"})
        report = _with_maps(report, name) if report else None
        if findings and classifier and classifier.networks:
            for number, each in enumerate(findings.findings):
                each.map = f"/v1/studies/{name}/maps/targets/{number}.png"
    return StudyAnswer(
        id=name,
        kept_seconds=server.settings.limits.kept_seconds if name else 0.0,
        film=facts,
        report=report,
        findings=findings,
        nearest=nearest,
        notes=notes,
    )


async def _read(server: Server, study: KeptStudy, wish: Wish) -> Read:
    models = study.models
    reading = Reading(
        models,
        study.squares,
        opening=_opening(models, wish.prompt),
        operating_point=wish.operating_point,
        wants_features=server.shelf is not None and server.shelf.knows_neighbours,
    )
    shapes = tuple(square.shape for square in study.squares)
    kind = ("read", id(models), shapes, reading.opening, wish.operating_point)
    return await server.batcher.submit(kind, read_films, reading)


def _opening(models: OpenedModels, prompt: str) -> tuple[int, ...]:
    if not prompt.strip():
        return ()
    if models.run is None or not models.run.writes:
        raise no_writer()
    try:
        return models.run.model.opening(prompt)
    except RunError as error:
        raise ProblemError(
            422, "long-prompt", "The beginning of the report is too long; shorten it."
        ) from error


def _reported(study: KeptStudy, read: Read, wish: Wish) -> tuple[KeptStudy, ReportAnswer | None]:
    run = study.models.run
    if run is None or read.draft is None:
        return study, None
    _, tokenizer = run.model.writer()
    report = report_answer(read.draft, tokenizer, wish.prompt.strip())
    kept = replace(
        study,
        tokens=tuple(read.draft.tokens),
        sentences=tokens_of(report.sentences),
        texts=tuple(each.text for each in report.sentences),
    )
    return kept, report


def _with_maps(report: ReportAnswer, name: str) -> ReportAnswer:
    for number, each in enumerate(report.sentences):
        each.map = f"/v1/studies/{name}/maps/sentences/{number}.png"
    return report


def _findings(
    served: ServedClassifier, prediction: Prediction, operating_point: OperatingPoint
) -> FindingsAnswer:
    classifier: Answering = served.model
    nothing: Sequence[None] = [None] * len(classifier.targets)
    return FindingsAnswer(
        operating_point=operating_point,
        findings=[
            Finding(
                target=target.name,
                probability=probability,
                positive=positive,
                threshold=target.thresholds.at(operating_point),
                map=None,
            )
            for target, probability, positive in zip(
                classifier.targets,
                prediction.probabilities or nothing,
                prediction.positive or nothing,
                strict=True,
            )
        ],
        abstained=prediction.abstained,
        reason=prediction.reason,
        distance=prediction.distance or 0.0,
        limit=classifier.abstention.limit,
    )
