"""From a film that was sent by DICOM to its structured report, by the models of a server."""

import asyncio
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from radtex.classifiers.prediction import Prediction
from radtex.classifiers.structured_report import refuse_without_highdicom
from radtex.errors import ImageError, RadtexError
from radtex.serving.answering.film_reading import Reading, read_films
from radtex.serving.answering.film_results import film_report, film_source
from radtex.serving.answering.opened_models import OpenedModels, ServedClassifier
from radtex.serving.dicom.delivery import Delivery, send_by_dicom, send_by_web
from radtex.serving.dicom.dicom_settings import DicomSettings
from radtex.serving.dicom.listener import BusyError, Listener
from radtex.serving.problems import ProblemError
from radtex.serving.server import Server

_OTHER_FILMS = ("LATERAL", "OTHER")
_PASSING = (429, 503)
_SECONDS = 120.0


class FilmReports:
    """Makes reports of films; other threads ask, the server's loop answers."""

    def __init__(self, server: Server) -> None:
        """Prepare to read by the models and processes of a server."""
        self._server = server

    def read(self, data: bytes) -> Any:
        """Return the report of a film, or None for a film that is no frontal one of a chest.

        Raises:
            ImageError: if it cannot be read, or no report can refer to it.
            BusyError: if too many films are read, or the models are not loaded.
        """
        if self._server.loop is None:
            raise BusyError("the server is not running yet")
        answer = asyncio.run_coroutine_threadsafe(self._read(data), self._server.loop)
        try:
            return answer.result(_SECONDS)
        except ProblemError as error:
            if error.status in _PASSING:
                raise BusyError(str(error)) from None
            raise ImageError(str(error)) from None
        except TimeoutError:
            answer.cancel()
            raise BusyError("the models take too long") from None

    async def _read(self, data: bytes) -> Any:
        server = self._server
        classifier = server.holder.models.classifier
        if classifier is None:
            raise ImageError("no classifier is served")
        models = OpenedModels(None, classifier)  # a report of findings needs no text
        with server.admission.film():
            film = await server.pool.decode(data, models.squares)
            if not film.chest or film.view in _OTHER_FILMS:
                return None
            kind = ("sent", id(classifier))
            reading = Reading(models, film.squares)
            read = await server.batcher.submit(kind, read_films, reading)
        return await asyncio.to_thread(self._report, data, classifier, read.prediction)

    def _report(
        self, data: bytes, classifier: ServedClassifier, prediction: Prediction | None
    ) -> Any:
        assert prediction is not None
        return film_report(classifier, prediction, "youden", film_source(data))


@contextmanager
def dicom_service(server: Server, settings: DicomSettings) -> Iterator[Listener]:
    """Take films by DICOM while the block runs, and send their reports.

    Args:
        server: that reads them.
        settings: where films come from and reports go.

    Raises:
        RadtexError: if a package is missing, the port is taken, or no classifier is served.
    """
    refuse_without_highdicom()
    if not server.holder.has_classifier:
        raise RadtexError(
            "--dicom-listen answers films with a classifier's report; serve a classifier, too"
        )
    peer, pacs = settings.peer, settings.pacs
    if peer is not None:
        send = send_by_dicom(peer, settings.own_title)
    else:
        assert pacs is not None
        send = send_by_web(pacs)
    delivery = Delivery(send, settings.limits.waiting)
    with (
        _silent_pydicom(),
        delivery.running(),
        Listener(settings, FilmReports(server).read, delivery).running() as listener,
    ):
        yield listener


@contextmanager
def _silent_pydicom() -> Iterator[None]:
    """What it logs and warns of quotes headers."""
    warnings.filterwarnings("ignore", module=r"pydicom(\.|$)")
    logger = logging.getLogger("pydicom")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)
