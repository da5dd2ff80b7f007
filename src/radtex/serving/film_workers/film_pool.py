"""The processes that decode uploads, seen from the server: each has one film at a time."""

import asyncio
import json
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from radtex.images import Preprocessing
from radtex.serving.film_workers.film_worker import LENGTHS
from radtex.serving.gate.patience import WaitedTooLongError, seconds_left
from radtex.serving.problems import ProblemError
from radtex.serving.settings import Limits

_log = logging.getLogger(__name__)

_KEPT_VARIABLES = ("PATH", "PYTHONPATH", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "HOME", "SYSTEMROOT")
_MOST_PROCESSES = 4
_STARTING_SECONDS = 60.0
_BUFFER = 2**22


@dataclass(frozen=True)
class DecodedFilm:
    """An upload whose pixels are known."""

    squares: tuple[NDArray[np.uint8], ...]
    """One for each preprocessing that was asked for, (S, S)."""
    png: bytes
    """The film to be shown, 8 bit grey; b"" if none was asked for."""
    height: int
    """Of the film as it was read, in pixels."""
    width: int
    """Of the film as it was read, in pixels."""
    view: str
    """By the header: PA, AP, LATERAL, OTHER, or "" where nothing tells."""
    chest: bool
    """False where a header names another part of the body."""
    dicom: bool
    """Whether the file is DICOM."""
    colour: bool
    """Whether a DICOM file is in colour."""


class FilmPool:
    """Processes that decode; a killed one is replaced."""

    def __init__(self, limits: Limits) -> None:
        """Start nothing yet."""
        self._limits = limits
        self._count = limits.decoders or min(_MOST_PROCESSES, os.cpu_count() or 1)
        self._idle: asyncio.Queue[_FilmProcess] = asyncio.Queue()
        self._all: set[_FilmProcess] = set()

    async def __aenter__(self) -> Self:
        """Begin to start the processes; the first film waits for one."""
        for _ in range(self._count):
            self._add()
        return self

    async def __aexit__(self, *_: object) -> None:
        """End all processes."""
        for process in list(self._all):
            await process.end()

    @property
    def process_ids(self) -> list[int]:
        """Of the processes that run."""
        return [each.pid for each in self._all if each.pid]

    async def decode(
        self, data: bytes, squares: Sequence[Preprocessing], display: int = 0
    ) -> DecodedFilm:
        """Decode an upload.

        Args:
            data: the file.
            squares: how it becomes the images that models take.
            display: short side of the film that is shown; 0 for none.

        Raises:
            ProblemError: if it is no image that is read, takes too long or too much memory, its
                process was killed, or its turn did not come in time.
        """
        options = {"squares": [asdict(each) for each in squares], "display": display}
        try:
            async with asyncio.timeout(seconds_left()):
                process = await self._idle.get()
        except TimeoutError:
            raise WaitedTooLongError from None
        try:
            facts, pixels = await process.ask(options, data, self._limits.decode_seconds)
        except BaseException:
            self._all.discard(process)
            await process.end()
            self._add()
            raise
        self._idle.put_nowait(process)
        if "error" in facts:
            raise _refused(facts)
        return _film(facts, pixels, squares)

    def _add(self) -> None:
        process = _FilmProcess(self._limits.decode_bytes)
        self._all.add(process)
        self._idle.put_nowait(process)


class _FilmProcess:
    """One process; it is started when it is first asked."""

    def __init__(self, memory: int) -> None:
        self._memory = memory
        self._starting = asyncio.get_running_loop().create_task(self._start())

    @property
    def pid(self) -> int:
        """Of the process; 0 before it runs."""
        if not self._starting.done() or self._starting.cancelled() or self._starting.exception():
            return 0
        return self._starting.result().pid

    async def ask(
        self, options: dict[str, Any], data: bytes, seconds: float
    ) -> tuple[dict[str, Any], bytes]:
        try:
            process = await self._starting
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            raise _ended() from error
        assert process.stdin is not None
        assert process.stdout is not None
        described = json.dumps(options).encode()
        try:
            if process.stdin.is_closing():  # uvloop would raise a RuntimeError at the write
                raise ConnectionResetError
            async with asyncio.timeout(seconds):
                process.stdin.write(LENGTHS.pack(len(described), len(data)) + described)
                process.stdin.write(data)
                await process.stdin.drain()
                return await _answer(process.stdout)
        except TimeoutError as error:
            raise ProblemError(
                422,
                "slow-image",
                f"The image took longer than {seconds:g} seconds to read, so reading it was "
                "stopped. Export it anew, as an uncompressed DICOM file or as PNG.",
            ) from error
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            _log.warning("a process that decodes films ended; another one is started")
            raise _ended() from error

    async def end(self) -> None:
        self._starting.cancel()
        with suppress(asyncio.CancelledError, OSError, TimeoutError, asyncio.IncompleteReadError):
            process = await self._starting
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _start(self) -> asyncio.subprocess.Process:
        environment = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "radtex.serving.film_workers.film_worker",
            str(self._memory),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,  # a codec's words may quote a header
            env=environment | {"OMP_NUM_THREADS": "1"},
            limit=_BUFFER,
            start_new_session=True,  # Ctrl+C is for the server, which ends them
        )
        assert process.stdout is not None
        try:
            async with asyncio.timeout(_STARTING_SECONDS):
                await _answer(process.stdout)
        except BaseException:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            raise
        return process


async def _answer(stream: asyncio.StreamReader) -> tuple[dict[str, Any], bytes]:
    described, length = LENGTHS.unpack(await stream.readexactly(LENGTHS.size))
    facts: dict[str, Any] = json.loads(await stream.readexactly(described))
    return facts, await stream.readexactly(length)


def _film(facts: dict[str, Any], pixels: bytes, squares: Sequence[Preprocessing]) -> DecodedFilm:
    made, start = [], 0
    for each in squares:
        end = start + each.size**2
        made.append(np.frombuffer(pixels[start:end], np.uint8).reshape(each.size, each.size))
        start = end
    height, width = facts["shape"]
    return DecodedFilm(
        tuple(made),
        pixels[start:],
        height,
        width,
        facts["view"],
        facts["chest"],
        facts["dicom"],
        facts.get("colour", False),
    )


def _refused(facts: dict[str, Any]) -> ProblemError:
    said = str(facts["error"])
    status = {"type": 415, "too-large": 413}.get(facts["kind"], 422)
    more = {
        "type": "Upload a chest radiograph in one of these formats.",
        "too-large": "Export it with fewer pixels.",
        "frames": "The models read one film at a time: upload the frontal radiograph of the chest.",
    }.get(facts["kind"], "Nothing was read from it; check the export and upload it again.")
    kind = {"type": "no-image", "too-large": "image-too-large", "frames": "several-pictures"}.get(
        facts["kind"], "unreadable-image"
    )
    return ProblemError(status, kind, f"{said[:1].upper()}{said[1:]}. {more}")


def _ended() -> ProblemError:
    return ProblemError(
        503,
        "decoder-ended",
        "The process that read the image ended before it was done. Another one has been started: "
        "please upload the film again.",
        {"Retry-After": "1"},
    )
