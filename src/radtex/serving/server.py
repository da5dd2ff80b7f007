"""What a running server holds, and where requests find it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import Request

from radtex.serving.answering.batching import Batcher
from radtex.serving.answering.corpus_shelf import CorpusShelf
from radtex.serving.answering.kept_studies import KeptStudies
from radtex.serving.answering.opened_models import ModelHolder
from radtex.serving.answering.pacs_shelf import PacsShelf
from radtex.serving.desk.label_desk import LabelDesk
from radtex.serving.desk.worth import Planner, Retraining
from radtex.serving.film_workers.film_pool import FilmPool
from radtex.serving.gate.admission import Admission
from radtex.serving.gate.traffic import Traffic
from radtex.serving.problems import ProblemError
from radtex.serving.settings import ServeSettings

_log = logging.getLogger(__name__)


class Server:
    """All that requests share."""

    pool: FilmPool
    """Decodes uploads."""
    batcher: Batcher
    """Asks the models."""

    loop: asyncio.AbstractEventLoop | None = None
    """That runs it; None before and after."""

    def __init__(self, settings: ServeSettings) -> None:
        """Look at models and corpus; `running` starts the rest.

        Raises:
            RadtexError: if a model or the corpus is none.
        """
        limits = settings.limits
        self.settings = settings
        self.holder = ModelHolder(settings.models)
        self.shelf = CorpusShelf(settings.corpus) if settings.corpus else None
        self.pacs = PacsShelf(settings.pacs) if settings.pacs else None
        self.desk: LabelDesk | None = None
        self.planner: Planner | None = None
        self.retraining: Retraining | None = None
        if settings.label:
            self.desk = LabelDesk(self.the_shelf().corpus, settings.models, settings.targets)
            self.planner, self.retraining = Planner(self.desk), Retraining(self.desk)
        self.kept = KeptStudies(limits.kept_studies, limits.kept_seconds)
        self.admission = Admission(limits.in_flight, limits.wait_seconds)
        self.traffic = Traffic()
        self.give_up: Callable[[], None] = lambda: None
        """Called where the models cannot be opened."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Hold processes and threads while the block runs."""
        limits = self.settings.limits
        async with (
            FilmPool(limits) as self.pool,
            Batcher(limits.batch, limits.batch_seconds, self._on_their_way) as self.batcher,
        ):
            self.loop = asyncio.get_running_loop()
            self._show_numbers()
            loading = asyncio.create_task(self._load())
            try:
                yield
            finally:
                self.loop = None
                if self.pacs:
                    self.pacs.close()
                loading.cancel()

    def the_shelf(self) -> CorpusShelf:
        """Return the corpus.

        Raises:
            ProblemError: if the server has none.
        """
        if self.shelf is None:
            raise ProblemError(
                404, "no-corpus", "This server was started without a corpus (--corpus)."
            )
        return self.shelf

    def the_desk(self) -> LabelDesk:
        """Return where films are labelled.

        Raises:
            ProblemError: if the server was started without it.
        """
        if self.desk is None:
            raise _no_labels()
        return self.desk

    def the_planner(self) -> Planner:
        """Return what computes the curve of the labels; see `the_desk`."""
        if self.planner is None:
            raise _no_labels()
        return self.planner

    def the_retraining(self) -> Retraining:
        """Return what makes classifiers of the labels; see `the_desk`."""
        if self.retraining is None:
            raise _no_labels()
        return self.retraining

    async def _load(self) -> None:
        await asyncio.to_thread(self.holder.load)
        if self.holder.state != "ready":
            self.give_up()
            return
        self.admission.expect(self.holder.seconds_per_film)
        _log.info("ready")
        if self.shelf:
            await asyncio.to_thread(self.shelf.learn, self.holder.models)
        if self.desk:
            await asyncio.to_thread(self.desk.choose)

    def _on_their_way(self) -> int:
        return self.admission.inside - self.batcher.waiting

    def _show_numbers(self) -> None:
        watch = self.traffic.watch
        watch("radtex_films_in_flight", "Films at work.", lambda: self.admission.inside)
        watch("radtex_films_refused", "Films told to come back.", lambda: self.admission.refused)
        watch(
            "radtex_films_waiting", "Films that wait for the model.", lambda: self.batcher.waiting
        )
        watch(
            "radtex_seconds_per_film",
            "Between two answers under load.",
            lambda: self.admission.seconds_per_film,
        )
        watch(
            "radtex_films_per_batch",
            "That go through a model together, of late.",
            lambda: self.batcher.films_per_batch,
        )
        watch("radtex_studies_kept", "Studies kept in memory.", lambda: len(self.kept))
        watch(
            "radtex_ready", "Whether the models are loaded.", lambda: self.holder.state == "ready"
        )


def _no_labels() -> ProblemError:
    return ProblemError(404, "no-labels", "This server was started without labelling (--label).")


async def server_of(request: Request) -> Server:
    """Return what the server of a request holds."""
    server: Server = request.app.state.server
    return server
