"""`radtex serve`: films are read in the browser and by REST."""

import ipaddress
import resource
import secrets
import socket
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from radtex.errors import RadtexError
from radtex.printable import one_line

if TYPE_CHECKING:
    from fastapi import FastAPI

    from radtex.serving.dicom.dicom_settings import DicomSettings
    from radtex.serving.settings import Limits

_OPEN_FILES = 4096
_LAST_PORT = 65_535
_IDLE_SECONDS, _LAST_SECONDS = 15, 10


def serve(
    models: Sequence[Path],
    *,
    corpus: Path | None = None,
    label: bool = False,
    targets: Sequence[str] = (),
    host: str = "127.0.0.1",
    port: int = 8000,
    token: str | None = None,
    allow_host: Sequence[str] = (),
    dicom_listen: int | None = None,
    dicom_from: Sequence[str] = (),
    dicom_peer: str | None = None,
    dicom_title: str = "RADTEX",
    pacs: str | None = None,
) -> None:
    """Serve models until the process is told to end.

    Args:
        models: a run, a classifier, or one of each; exports of them, too.
        corpus: whose films may be chosen, and whose nearest ones are shown.
        label: whether the films of the corpus may be labelled.
        targets: findings to label, or names of target sets.
        host: address to listen at.
        port: of that address; 0 takes a free one.
        token: what requests must bring. By default none on the machine itself, else a new one,
            which is printed.
        allow_host: further names that the server may be called by.
        dicom_listen: port for films that are sent by DICOM; without it, none is opened.
        dicom_from: AE titles that may send them.
        dicom_peer: AET@HOST:PORT, to send their reports to.
        dicom_title: AE title that is called.
        pacs: address of a DICOMweb service whose films may be chosen on the page. Reports of films
            that are sent by DICOM are stored there where no `dicom_peer` is named.

    Raises:
        RadtexError: if a package is missing, a model or the corpus is none or damaged, the token
            cannot be brought, or the address is taken or none.

    Returns:
        Nothing, when the process is told to end.

    Example:
        >>> import radtex
        >>> radtex.serve([])  # doctest: +IGNORE_EXCEPTION_DETAIL
        Traceback (most recent call last):
        radtex.errors.RunError: name what is to be served …
    """
    _refuse_without_packages()
    from radtex.serving.app import create_app
    from radtex.serving.settings import ServeSettings

    if label and corpus is None:
        raise RadtexError("--label needs the films to label: name their --corpus")
    if token is not None and not _can_be_brought(token):
        raise RadtexError(
            "--token is empty, or has blanks or letters that no request can bring; use ASCII "
            "letters, digits and signs, or leave it out"
        )
    if token is None:
        token = "" if is_loopback(host) else secrets.token_urlsafe(24)
    dicom = _dicom(host, dicom_listen, dicom_from, dicom_peer, dicom_title, pacs)
    settings = ServeSettings(
        models=tuple(models),
        corpus=corpus,
        label=label,
        targets=tuple(targets),
        host=host,
        port=port,
        token=token,
        pacs=pacs,
        names=(*allow_host, *(() if is_loopback(host) else (socket.gethostname(),))),
    )
    app = create_app(settings)
    listening = _listen(host, port)
    with ExitStack() as held:
        held.enter_context(listening)
        if dicom is not None:
            from radtex.serving.dicom.film_reports import dicom_service

            held.enter_context(dicom_service(app.state.server, dicom))
        _run(app, listening, settings.limits, lambda: _say_where(listening, host, token))


def _dicom(
    host: str,
    port: int | None,
    titles: Sequence[str],
    peer: str | None,
    own_title: str,
    pacs: str | None,
) -> "DicomSettings | None":
    from radtex.serving.dicom.dicom_settings import DicomSettings, Peer

    if port is None:
        if titles or peer:
            raise RadtexError(
                "--dicom-from and --dicom-peer are for films that are sent by DICOM; open a port "
                "for them by --dicom-listen"
            )
        return None
    if find_spec("pynetdicom") is None:
        raise RadtexError(
            "DICOM needs the package pynetdicom, which is not installed: pip install "
            "'radtex[serve]'"
        )
    return DicomSettings(
        port,
        tuple(titles),
        host=host,
        own_title=own_title,
        peer=Peer.read(peer) if peer else None,
        pacs=pacs,
    )


def is_loopback(host: str) -> bool:
    """Whether an address is reached from the machine itself alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _can_be_brought(token: str) -> bool:
    return token.isascii() and token.isprintable() and token != "" and " " not in token


def _refuse_without_packages() -> None:
    for name in ("fastapi", "prometheus_client", "python_multipart", "uvicorn"):
        if find_spec(name) is None:
            raise RadtexError(
                f"the server needs the package {name}, which is not installed: "
                "pip install 'radtex[serve]'"
            )


def _run(
    app: "FastAPI", listening: socket.socket, limits: "Limits", say_where: Callable[[], None]
) -> None:
    import uvicorn

    from radtex.serving.gate.timed_protocol import timed_protocol

    _allow_open_files()
    config = uvicorn.Config(
        app,
        http=timed_protocol(limits.header_seconds, limits.connections),
        ws="none",
        access_log=False,  # the gate keeps one, without addresses of studies
        log_config=None,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=_LAST_SECONDS,
    )

    class Listening(uvicorn.Server):
        untold: OSError | None = None
        """Why the address could not be printed."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            try:
                say_where()  # not before: whoever opens the address at once is answered
            except OSError as error:  # told once the server has ended well
                self.untold, self.should_exit = error, True

    server, held = Listening(config), app.state.server

    def give_up() -> None:
        server.should_exit = True

    held.give_up = give_up
    with suppress(KeyboardInterrupt):  # which uvicorn passes on when it has ended well
        server.run(sockets=[listening])
    if failure := server.untold or held.holder.failure:
        raise failure


def _allow_open_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < _OPEN_FILES:
        most = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(_OPEN_FILES, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _listen(host: str, port: int) -> socket.socket:
    if not 0 <= port <= _LAST_PORT:  # the system would take it modulo 65,536
        raise RadtexError(f"there is no port {port}; choose another --port, or 0 for a free one")
    try:
        family, kind, *_, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
    except (OSError, UnicodeError) as error:  # UnicodeError: no name of a host
        reason = error.strerror if isinstance(error, OSError) else "there is no such address"
        raise RadtexError(
            f"cannot listen at {host}, port {port}: {reason}; choose another --port or --host"
        ) from error
    return listening


def _say_where(listening: socket.socket, host: str, token: str) -> None:
    port = listening.getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    if host in ("0.0.0.0", "::"):
        shown = socket.gethostname()
    # The part behind # stays in the browser: it is in no request, and in no log of a proxy.
    address = f"http://{shown}:{port}/" + (f"#token={token}" if token else "")
    print(one_line(address), flush=True)
    if token:
        print(one_line(f"token: {token}"), flush=True)
