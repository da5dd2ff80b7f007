"""Hostile files and folders: links in a circle, pipes, sockets, files larger than any memory."""

import errno
import json
import os
import socket
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from hostile.attack import Attack, Ended, Make, Stage

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


def _named(command: str, make: Callable[[Path], None]) -> Make:
    """A hostile file beside a film, both named."""

    def attack(stage: Stage, place: Path) -> list[object]:
        make(place / "hostile.png")
        film(place / "good.png")
        model = stage.classifier if command == "predict" else stage.run
        return [command, model, "hostile.png", "good.png", "--out", "out.csv"]

    return attack


def _in_folder(command: str, make: Callable[[Path], None]) -> Make:
    """A hostile file beside a film, in a folder that is named."""

    def attack(stage: Stage, place: Path) -> list[object]:
        film(place / "films" / "good.png")
        make(place / "films" / "hostile.png")
        model = stage.classifier if command == "predict" else stage.run
        return [command, model, "films", "--out", "out.csv"]

    return attack


def _alone(make: Callable[[Path], None]) -> Make:
    def attack(stage: Stage, place: Path) -> list[object]:
        make(place / "hostile.png")
        return ["explain", stage.run, "hostile.png", "--out", "out.png"]

    return attack


def _in_table(make: Callable[[Path], None]) -> Make:
    """A hostile file that a row of a table names, beside three films."""

    def attack(_stage: Stage, place: Path) -> list[object]:
        make(place / "hostile.png")
        lines = ["image,patient_id,findings", "hostile.png,p0,Clear."]
        for number in range(1, 4):
            film(place / f"{number}.png", number)
            lines.append(f"{number}.png,p{number},Clear.")
        (place / "t.csv").write_text("\n".join(lines))
        return ["corpus", "build", "table", "t.csv", "--out", "c", "--size", "16", "--workers", "1"]

    return attack


def _in_export(make: Callable[[Path], None]) -> Make:
    """A hostile file in the export of a hospital, in a folder of its own."""

    def attack(_stage: Stage, place: Path) -> list[object]:
        for number in range(3):
            film(place / "export" / f"{number}.png", number)
        (place / "export" / "deep").mkdir()
        make(place / "export" / "deep" / "hostile.png")
        words = ["corpus", "build", "dicom", "export", "--labels", "t.csv", "--label-columns"]
        (place / "t.csv").write_text(
            "image,patient_id,Edema\n" + "".join(f"{n}.png,p{n},{n % 2}\n" for n in range(3))
        )
        return [*words, "Edema", "--out", "c", "--size", "16", "--workers", "1"]

    return attack


def _kept(rows: int) -> Callable[[Path, Ended], None]:
    def check(place: Path, _ended: Ended) -> None:
        flow = json.loads((place / "c" / "corpus.json").read_text())["flow"]
        kept = [step["rows"] for step in flow if step["step"] == "kept"]
        assert kept == [rows], flow

    return check


def _rows_of(file: str, rows: int) -> Callable[[Path, Ended], None]:
    def check(place: Path, _ended: Ended) -> None:
        lines = (place / file).read_text(encoding="utf-8").splitlines()
        assert len(lines) == rows, lines

    return check


def _odd_names(command: str) -> Make:
    """Films whose names are no UTF-8, or steer a terminal."""

    def attack(stage: Stage, place: Path) -> list[object]:
        for number, name in enumerate([b"\xff.png", b"\x1b[2J.png", b"a\nb.png", b"good.png"]):
            film(place / "film.png", number)
            (place / "film.png").rename(place / os.fsdecode(name))
        model = stage.classifier if command == "predict" else stage.run
        return [command, model, "*.png", "--out", "out.csv"]

    return attack


def _closed_folder(stage: Stage, place: Path) -> list[object]:
    film(place / "films" / "good.png")
    film(place / "films" / "closed" / "1.png").parent.chmod(0)
    return ["predict", stage.classifier, "films", "--out", "out.csv"]


def _closed_in_export(stage: Stage, place: Path) -> list[object]:
    words = _in_export(folder)(stage, place)
    (place / "export" / "deep").chmod(0)
    return words


def _empty_folder(stage: Stage, place: Path) -> list[object]:
    film(place / "films" / "good.png")
    (place / "empty").mkdir()
    return ["predict", stage.classifier, "empty", "films", "--out", "out.csv"]


def _long_name(command: str) -> Make:
    def attack(stage: Stage, place: Path) -> list[object]:
        film(place / "good.png")
        model = stage.classifier if command == "predict" else stage.run
        return [command, model, "x" * 300 + ".png", "good.png", "--out", "out.csv"]

    return attack


def _long_path(stage: Stage, place: Path) -> list[object]:
    film(place / "good.png")
    return ["predict", stage.classifier, "d/" * 3000 + "x.png", "good.png", "--out", "out.csv"]


def _unreadable_film(stage: Stage, place: Path) -> list[object]:
    film(place / "hostile.png").chmod(0)
    film(place / "good.png")
    return ["predict", stage.classifier, "hostile.png", "good.png", "--out", "out.csv"]


def _broken_disk(stage: Stage, place: Path) -> list[object]:
    film(place / "eio.png")
    film(place / "good.png")
    return ["predict", stage.classifier, "eio.png", "good.png", "--out", "out.csv"]


def _broken_disk_in_table(_stage: Stage, place: Path) -> list[object]:
    return _in_table(lambda path: film(path.with_name("eio.png")).rename(path))(_stage, place)


def fail_to_open() -> None:
    """Let files that are called eio.png or hostile.png fail as on a broken disk."""
    opened = os.open

    def fail(path: object, *rest: int, **options: int) -> int:
        if str(path).endswith(("eio.png", "hostile.png")):
            raise OSError(errno.EIO, os.strerror(errno.EIO), path)
        return opened(path, *rest, **options)  # type: ignore[arg-type]

    os.open = fail  # type: ignore[assignment]


def _nul_in_path(_stage: Stage, place: Path) -> list[object]:
    film(place / "1.png")
    (place / "t.csv").write_bytes(b"image,patient_id\n1.png,p1\na\0b.png,p2\n")
    return ["corpus", "build", "table", "t.csv", "--out", "c", "--size", "16", "--workers", "1"]


MIMIC_TEXT = "FINDINGS: The lungs are clear."


def _mimic(make: Callable[[Path], None]) -> Make:
    """A MIMIC release of two studies; the report of the first is hostile."""

    def attack(_stage: Stage, place: Path) -> list[object]:
        root, reports = place / "mimic", place / "reports"
        header = (
            "dicom_id,subject_id,study_id,PerformedProcedureStepDescription,ViewPosition,Rows,"
            "Columns,StudyDate,StudyTime,ProcedureCodeSequence_CodeMeaning,"
            "ViewCodeSequence_CodeMeaning,PatientOrientationCodeSequence_CodeMeaning"
        )
        lines = [header]
        for number in (1, 2):
            patient, study = f"1000000{number}", f"5000000{number}"
            folder = Path("files") / "p10" / f"p{patient}" / f"s{study}"
            film(root / folder / f"d{number}.jpg", number)
            lines.append(f"d{number},{patient},{study},CHEST,PA,40,48,21800101,0,CHEST,PA,Erect")
            report = (reports / folder).with_suffix(".txt")
            report.parent.mkdir(parents=True)
            report.write_text(MIMIC_TEXT)
        (root / "mimic-cxr-2.0.0-metadata.csv").write_text("\n".join(lines))
        hostile = reports / "files/p10/p10000001/s50000001.txt"
        hostile.unlink()
        make(hostile)
        words = ["corpus", "build", "mimic-cxr-jpg", "mimic", "--reports", "reports"]
        return [*words, "--out", "c", "--size", "16", "--workers", "1"]

    return attack


def no_text(path: Path) -> None:
    """A report that is no UTF-8."""
    path.write_bytes(b"\xff\xfe\xff")


ATTACKS = (
    *(
        Attack(
            f"{name}, named",
            command,
            _named(command, make),
            status=0,
            says="1 of 2 images could not be read",
            check=_rows_of("out.csv", 3 if command == "predict" else 2),
        )
        for command in ("predict", "generate")
        for name, make in KINDS.items()
    ),
    *(
        Attack(
            f"{name}, in a folder",
            command,
            _in_folder(command, make),
            status=0,
            says="1 of 2 images could not be read",
            check=_rows_of("out.csv", 3 if command == "predict" else 2),
        )
        for command in ("predict", "generate")
        for name, make in KINDS.items()
    ),
    *(
        Attack(f"{name} as the film", "explain", _alone(make), status=1, says="radtex: .*hostile")
        for name, make in KINDS.items()
    ),
    *(
        Attack(
            f"{name} named by a table", "corpus build", _in_table(make), status=0, check=_kept(3)
        )
        for name, make in KINDS.items()
    ),
    *(
        Attack(f"{name} in an export", "corpus build", _in_export(make), status=0, check=_kept(3))
        for name, make in KINDS.items()
    ),
    *(
        Attack(
            f"{name} as a report of MIMIC",
            "corpus build",
            _mimic(make),
            status=0,
            says=says,
            check=_kept(2),
        )
        for name, make, says in (
            ("pipe", pipe, "report is no plain file"),
            ("sparse terabyte", sparse, "report is larger than"),
            ("endless device", device, "report is no plain file"),
            ("link to itself", circle, "link that leads in a circle"),
            ("no text", no_text, "report is not utf-8 text"),
        )
    ),
    *(
        Attack("odd names", command, _odd_names(command), status=0, never=["\x1b[2J"])
        for command in ("predict", "generate")
    ),
    *(
        Attack(
            "name of 300 characters",
            command,
            _long_name(command),
            status=0,
            says="1 of 2 images could not be read",
        )
        for command in ("predict", "generate")
    ),
    Attack("path of 6,000 characters", "predict", _long_path, status=0, says="1 of 2 images"),
    Attack(
        "film that may not be read",
        "predict",
        _unreadable_film,
        status=0,
        says="1 of 2 images",
        no_root=True,
    ),
    Attack(
        "film on a broken disk",
        "predict",
        _broken_disk,
        status=0,
        says="1 of 2 images",
        before="files:fail_to_open",
    ),
    Attack(
        "film on a broken disk",
        "corpus build",
        _broken_disk_in_table,
        status=0,
        says="file cannot be read",
        check=_kept(3),
        before="files:fail_to_open",
    ),
    Attack(
        "folder that may not be read",
        "predict",
        _closed_folder,
        status=0,
        says="1 of 2 images could not be read",
        no_root=True,
    ),
    Attack(
        "folder that may not be read",
        "corpus build",
        _closed_in_export,
        status=0,
        says="folder may not be read",
        check=_kept(3),
        no_root=True,
    ),
    Attack(
        "empty folder beside another",
        "predict",
        _empty_folder,
        status=0,
        says="1 of 2 images could not be read",
        check=_rows_of("out.csv", 3),
    ),
    Attack("NUL in a path", "corpus build", _nul_in_path, status=0, check=_kept(1)),
)
