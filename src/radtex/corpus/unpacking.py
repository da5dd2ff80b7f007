"""Tar archives from elsewhere are unpacked without trust in the paths and sizes that they name."""

import shutil
import tarfile
from pathlib import Path, PurePosixPath

from radtex.errors import CorpusError
from radtex.files import explain_write_errors
from radtex.progress import progress_bar

_MOST_EXPANSION = 50
"""Report files shrink to a twentieth; an archive that grows more than this is a bomb."""
_HEADER = 512
_MB = 10**6


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a .tgz; files that are there already are written anew.

    Args:
        archive: the .tgz.
        folder: where its files go. Where the paths in the archive begin with the name of this
            folder, that part of them is left out.

    Raises:
        CorpusError: if the archive is damaged, holds anything but files and folders, has a path
            that leads outside, or is far larger inside than outside.
        OutputError: if a file cannot be written.
    """
    room = _MOST_EXPANSION * archive.stat().st_size
    with (
        explain_write_errors(folder),
        archive.open("rb") as packed,
        progress_bar(f"unpacking {archive.name}", archive.stat().st_size // _MB, "MB") as bar,
    ):
        try:
            read = 0
            with tarfile.open(fileobj=packed, mode="r|gz") as members:
                for member in members:
                    room -= member.size + _HEADER
                    if room < 0:
                        raise _refused(archive, "it is far larger inside than outside")
                    if not member.isdir():
                        _write(members, member, archive, folder)
                    bar.advance(packed.tell() // _MB - read)
                    read = packed.tell() // _MB
        except (tarfile.TarError, EOFError, ValueError) as error:
            raise _refused(archive, "it is damaged") from error


def _write(members: tarfile.TarFile, member: tarfile.TarInfo, archive: Path, folder: Path) -> None:
    parts = PurePosixPath(member.name).parts
    if parts[:1] == (folder.name,):
        parts = parts[1:]
    content = members.extractfile(member) if member.isreg() else None
    if content is None:
        raise _refused(archive, f"{member.name!r} in it is no plain file")
    if not parts or parts[0] == "/" or ".." in parts or folder.joinpath(*parts).is_dir():
        raise _refused(archive, f"the path {member.name!r} in it is not allowed")
    target = folder.joinpath(*parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    with content, target.open("wb") as file:
        shutil.copyfileobj(content, file)


def _refused(archive: Path, why: str) -> CorpusError:
    return CorpusError(f"{archive} is not unpacked: {why}; remove it to fetch it anew")
