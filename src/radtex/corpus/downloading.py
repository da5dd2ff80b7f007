"""A file comes over HTTP, however often the connection breaks, and is kept only if it is right."""

import hashlib
import http.client
import ssl
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from radtex.errors import CorpusError
from radtex.files import explain_write_errors, write_text
from radtex.progress import progress_bar, say

_PAUSES = (1, 2, 4, 8, 16)
"""Seconds before each new attempt; counted anew whenever something has come."""
_PASSING = {408, 429, 500, 502, 503, 504}
"""HTTP statuses that may be gone a moment later."""
_TIMEOUT = 60
_BLOCK = 1 << 20
_MB = 10**6


@dataclass(frozen=True)
class RemoteFile:
    """A file at its publisher."""

    name: str
    """What it is called once it is here."""
    url: str
    """Where it comes from."""
    size: int
    """Bytes."""
    checksum: str = ""
    """As "sha256:HEX" or "md5:HEX"; "" where none is known."""


class _InterruptedError(Exception):
    """A transfer broke off and may be tried again."""


class _SecureRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if req.type == "https" and urlsplit(newurl).scheme != "https":
            raise CorpusError(
                f"{req.full_url} leads to an address without encryption, which is refused"
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def record_file(file: RemoteFile, folder: Path) -> Path:
    """Return where the checksum of what came is written, once it was found right."""
    return folder / f"{file.name}.checksum"


def part_file(file: RemoteFile, folder: Path) -> Path:
    """Return where a download waits until it is complete and was found right."""
    return folder / f"{file.name}.part"


def download(file: RemoteFile, folder: Path) -> Path:
    """Bring a file into a folder; a file that already lies there is only checked.

    Repeat an interrupted download to resume it; that needs a server that can tell whether it still
    has the same file. Where no checksum is known, later downloads must have that of the first.

    Args:
        file: what to bring.
        folder: where it goes; made if it does not exist.

    Returns:
        The path of the file.

    Raises:
        CorpusError: if the server does not give the file, or gives another than was expected.
        OutputError: if the file cannot be written.
    """
    target, record, part = folder / file.name, record_file(file, folder), part_file(file, folder)
    if target.exists() and record.exists():
        return target
    with explain_write_errors(target):
        folder.mkdir(parents=True, exist_ok=True)
        came = target if target.exists() else _transfer(file, part)
        say(f"{file.name}: checking")
        seen = record.read_text(encoding="utf-8").strip() if record.exists() else ""
        expected = file.checksum or seen
        found = _checksum(came, expected.partition(":")[0] or "sha256")
        _validator_file(part).unlink(missing_ok=True)
        if expected and found != expected:
            part.unlink(missing_ok=True)
            advice = "it was not kept; repeat the command" if came == part else "remove it"
            raise CorpusError(
                f"{file.name} has {found}, but {expected} was expected of {file.url}; {advice}, "
                "and if that does not help, its publisher has changed it"
            )
        if not expected:
            say(f"{file.name}: no checksum is known; it has {found}")
        write_text(record, f"{found}\n")
        came.replace(target)
    return target


def _transfer(file: RemoteFile, part: Path) -> Path:
    """Fill `part` up to the size of the file, over as many connections as that takes."""
    failures = 0
    while (have := _size(part)) != file.size:
        try:
            _continue(file, part)
        except _InterruptedError as error:
            if _size(part) > have:
                failures = 0
            if failures == len(_PAUSES):
                raise CorpusError(
                    f"{file.url} cannot be had: {error}; what has come is kept, and the command "
                    "goes on with it when it is repeated"
                ) from error
            pause = _PAUSES[failures]
            say(f"{file.name}: {error}; trying again in {pause} s")
            time.sleep(pause)
            failures += 1
    return part


def _continue(file: RemoteFile, part: Path) -> None:
    """Add to `part` what one connection gives, or begin it anew."""
    have = _size(part)
    headers = {"User-Agent": f"radtex/{version('radtex')}"}
    if 0 < have < file.size and _validator_file(part).exists():
        headers["Range"] = f"bytes={have}-"
        headers["If-Range"] = _validator_file(part).read_text(encoding="utf-8")
    with _open(urllib.request.Request(file.url, headers=headers)) as answer:
        if answer.status != 206:
            have = 0
        _refuse_other_file(file, answer, have)
        if not have:
            part.unlink(missing_ok=True)
            _keep_validator(answer, _validator_file(part))
        with (
            part.open("ab") as sink,
            progress_bar(file.name, file.size // _MB, "MB", start=have // _MB) as bar,
        ):
            while block := _read(answer):
                sink.write(block)
                bar.advance((have + len(block)) // _MB - have // _MB)
                have += len(block)
                if have > file.size:
                    raise _other_file(file, f"more than {file.size}")
    if have < file.size:
        raise _InterruptedError(f"the connection ended after {have} of {file.size} bytes")


def _open(request: urllib.request.Request) -> http.client.HTTPResponse:
    opener = urllib.request.build_opener(_SecureRedirects)
    try:
        answer: http.client.HTTPResponse = opener.open(request, timeout=_TIMEOUT)
    except urllib.error.HTTPError as error:
        error.close()
        words = f"the server answers {error.code} {error.reason}"
        if error.code in _PASSING:
            raise _InterruptedError(words) from error
        raise CorpusError(f"{request.full_url} cannot be had: {words}") from error
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, ssl.SSLCertVerificationError):
            raise CorpusError(
                f"{request.full_url} cannot be had: its certificate is not trusted "
                f"({reason.verify_message})"
            ) from error
        raise _InterruptedError(f"the server cannot be reached ({reason})") from error
    return answer


def _read(answer: http.client.HTTPResponse) -> bytes:
    try:
        return answer.read(_BLOCK)
    except (OSError, http.client.HTTPException) as error:
        raise _InterruptedError("the connection was lost") from error


def _refuse_other_file(file: RemoteFile, answer: http.client.HTTPResponse, have: int) -> None:
    """Raise if the answer is not the file from byte `have` on, as far as its headers tell."""
    total = answer.headers["Content-Length"]
    if answer.status == 206:
        span, _, total = (answer.headers["Content-Range"] or "").partition("/")
        if not span.startswith(f"bytes {have}-"):
            raise CorpusError(f"{file.url} cannot be had: the server sent a part not asked for")
    if total is not None and total != str(file.size):
        raise _other_file(file, total)


def _other_file(file: RemoteFile, size: str) -> CorpusError:
    return CorpusError(
        f"{file.url} gives {size} bytes, but {file.name} has {file.size}; its publisher has "
        "changed or moved it"
    )


def _validator_file(part: Path) -> Path:
    return part.with_name(f"{part.name}.validator")


def _keep_validator(answer: http.client.HTTPResponse, to: Path) -> None:
    """Remember what tells whether the server still has the same file (RFC 9110, 13.1.5)."""
    tag, date = answer.headers["ETag"], answer.headers["Last-Modified"]
    validator = tag if tag and not tag.startswith("W/") else date
    if validator:
        write_text(to, validator)
    else:
        to.unlink(missing_ok=True)


def _checksum(path: Path, algorithm: str) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, partial(hashlib.new, algorithm, usedforsecurity=False))
    return f"{algorithm}:{digest.hexdigest()}"


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
