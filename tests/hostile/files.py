"""Hostile files and folders: links in a circle, pipes, sockets, files larger than any memory."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from hostile.attack import Attack, Make, Stage

ENORMOUS = 2**40
"""Bytes of a sparse file, which takes no room on the disk."""


def film(path: Path, seed: int = 0) -> Path:
    """Write a small picture of noise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).integers(0, 256, (40, 48), dtype=np.uint8)
    Image.fromarray(noise).save(path)
    return path


def sparse(path: Path) -> None:
    """A file that would read as a terabyte of zeros."""
    with path.open("wb") as file:
        file.truncate(ENORMOUS)


def pipe(path: Path) -> None:
    """A pipe to which nobody writes."""
    os.mkfifo(path)


def device(path: Path) -> None:
    """A link to a device that reads without end."""
    path.symlink_to("/dev/zero")


def terminal(path: Path) -> None:
    """A link to a device that blocks: the master of a terminal."""
    path.symlink_to("/dev/ptmx")


def circle(path: Path) -> None:
    """A link to itself: ELOOP."""
    path.symlink_to(path.name)


def listening(path: Path) -> None:
    """A socket: ENXIO."""
    here = Path.cwd()
    os.chdir(path.parent)  # its name may be no longer than 108 bytes
    try:
        socket.socket(socket.AF_UNIX).bind(path.name)
    finally:
        os.chdir(here)


def empty(path: Path) -> None:
    """An empty file."""
    path.write_bytes(b"")


def folder(path: Path) -> None:
    """A folder that is called like a file."""
    path.mkdir()


def dangling(path: Path) -> None:
    """A link to nothing."""
    path.symlink_to("nowhere")


KINDS: dict[str, Callable[[Path], None]] = {
    "sparse terabyte": sparse,
    "pipe": pipe,
    "endless device": device,
    "blocking device": terminal,
    "link to itself": circle,
    "socket": listening,
    "empty file": empty,
    "link to nothing": dangling,
}
"""What may stand where a film is expected, by name."""


def _beside_a_film(make: Callable[[Path], None]) -> Make:
    def attack(stage: Stage, place: Path) -> list[object]:
        make(place / "hostile.png")
        film(place / "good.png")
        return ["predict", stage.classifier, "hostile.png", "good.png", "--out", "out.csv"]

    return attack


ATTACKS = (
    Attack(
        "socket among films",
        "predict",
        _beside_a_film(listening),
        status=0,
        says="1 of 2 images could not be read",
    ),
)
