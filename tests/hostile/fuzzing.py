"""Coverage-guided fuzzing of what reads other people's bytes.

`python -m hostile.fuzzing TARGET SECONDS [long]` runs in `tests` and needs the package atheris. It
ends with another status than 0 where a target raises what it should not, or takes longer than
`SLOW`. With `long` each input is also read with its end repeated up to `LONGEST` bytes, so that
what grows faster than its input is found.
"""

import io
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
from PIL import Image

SLOW = 2
"""Seconds that an input of up to `LONGEST` bytes may take; with `long`, of the processor."""
LONGEST = 2**20
SHORT = 4096
"""Bytes of what is repeated, at most."""


def dicom(data: bytes) -> None:
    """Read a DICOM or a picture, and the header of a DICOM."""
    from radtex.errors import ImageError
    from radtex.images import read_image
    from radtex.images.header import header_in

    for read in (read_image, header_in):
        try:
            read(data)
        except ImageError:
            continue


def sections(data: bytes) -> None:
    """Find the sections of a report."""
    from radtex.reports import parse_report

    parse_report(_report(data))


def labeler(data: bytes) -> None:
    """Label a report."""
    from radtex.reports import label_report

    label_report(_report(data))


def _report(data: bytes) -> str:
    """Return a text, no longer than one that is read."""
    from radtex.reports.length import MOST_CHARACTERS

    return data.decode("utf-8", "replace")[:MOST_CHARACTERS]


def table(data: bytes) -> None:
    """Read a table."""
    from radtex.corpus.tables import read_table
    from radtex.errors import CorpusError

    with tempfile.NamedTemporaryFile(suffix=".csv", dir="/dev/shm") as file:
        file.write(data)
        file.flush()
        try:
            read_table(Path(file.name))
        except CorpusError:
            return


TARGETS: dict[str, Callable[[bytes], None]] = {
    "dicom": dicom,
    "sections": sections,
    "labeler": labeler,
    "table": table,
}


def seeds(name: str) -> list[bytes]:
    """Inputs that the fuzzer begins from, and that `make test` replays with changes."""
    if name == "table":
        return [
            b"image_id,patient_id,Edema\n1,2,1\n3,4,0\n",
            b'\xef\xbb\xbfpath;report\r\n"a;b";"two\r\nlines"\r\n',
            "sep=\t\nid\tName\n1\tMüller\n".encode("utf-16"),
            b'a,b\n\'=1,"x""y"\n\n,,\n1,2,3\n',
        ]
    if name == "dicom":
        from hostile.images import cut, jpeg, noise, png
        from hostile.images import dicom as dicom_file

        small = noise(12, 10)
        tiff = io.BytesIO()
        Image.fromarray(small).save(tiff, "TIFF")
        return [
            dicom_file(24, 20, 1, small.tobytes()),
            dicom_file(8, 20, 3, small.tobytes()),
            jpeg(small), jpeg(small, progressive=True), cut(0.5, b"\xff\xd9"),
            png(20, 24, bytes(21 * 24)), tiff.getvalue(),
        ]  # fmt: skip
    return [
        b"FINDINGS: No pleural effusion or pneumothorax. Mild edema.\nIMPRESSION: 1. Edema.",
        "BEFUND: Kein Pleuraerguß, keine Infiltrate.\nBEURTEILUNG: Pneumonie möglich.".encode(),
        "HALLAZGOS: No se observa derrame pleural. IMPRESIÓN: cardiomegalia.".encode(),
        b"Comparison: ___. The lungs are clear, without focal consolidation; possible nodule?",
    ]  # fmt: skip


def changed(seed: bytes, count: int) -> list[bytes]:
    """An input with bytes changed, removed and repeated; the same each time."""
    rng = np.random.default_rng(len(seed))
    inputs = [seed, seed * 3, seed[::-1], b""]
    for _ in range(count):
        part = bytearray(seed)
        for _ in range(int(rng.integers(1, 8))):
            if not part:
                break
            at = int(rng.integers(len(part)))
            how = int(rng.integers(3))
            if how == 0:
                part[at] = int(rng.integers(256))
            elif how == 1:
                del part[at : at + int(rng.integers(1, 16))]
            else:
                part[at:at] = part[at : at + int(rng.integers(1, 64))] * int(rng.integers(1, 8))
        inputs.append(bytes(part))
    return inputs


def lengthened(data: bytes) -> bytes:
    """Return an input of `LONGEST` bytes: the last two bytes tell which end of it is repeated."""
    body, told = data[:-2], int.from_bytes(data[-2:], "little")
    kept = told % (len(body) + 1)
    repeated = body[kept:] or b"\0"
    return (body[:kept] + repeated * (LONGEST // len(repeated) + 1))[:LONGEST]


class Clock:
    """A process that has not been instrumented, and times a target."""

    def __init__(self, name: str) -> None:
        """Start it; what the target needs must have been imported."""
        fork = multiprocessing.get_context("fork")
        self._connection, far = fork.Pipe()
        self._process = fork.Process(target=self._answer, args=(name, far), daemon=True)
        self._process.start()
        far.close()
        self.inputs, self.slowest = 0, 0.0

    def _answer(self, name: str, connection: Connection) -> None:
        self._connection.close()
        while True:
            try:
                data = connection.recv_bytes()
            except EOFError:  # the fuzzer has ended
                return
            began = time.process_time()
            try:
                TARGETS[name](data)
            except Exception as error:
                connection.send(repr(error))
            else:
                connection.send(time.process_time() - began)

    def time(self, data: bytes) -> None:
        """Read an input, which may take `SLOW` seconds.

        Raises:
            AssertionError: it takes longer, or the target raises what it should not.
        """
        self._connection.send_bytes(data)
        took = self._connection.recv()
        assert isinstance(took, float), took
        assert took <= SLOW, f"{took} s"
        self.inputs += 1
        if took > self.slowest:
            self.slowest = took
            print(f"input {self.inputs} of {len(data)} bytes: {took:.2f} s", flush=True)


def main() -> None:
    """Fuzz a target for some seconds."""
    import atheris

    name, seconds, *long = sys.argv[1:]
    folder = Path(tempfile.mkdtemp())
    for number, seed in enumerate(seeds(name)):
        (folder / str(number)).write_bytes(seed)
    for seed in seeds(name):  # which imports what the target needs
        TARGETS[name](seed)
    clock = Clock(name) if long else None
    with atheris.instrument_imports(include=["radtex", "pydicom"]):
        for module in [each for each in sys.modules if each.split(".")[0] in ("radtex", "pydicom")]:
            del sys.modules[module]
        for seed in seeds(name):  # what is read once, such as the words of a language, is no hang
            TARGETS[name](seed)

    def read(data: bytes) -> None:
        TARGETS[name](data)
        if clock:
            clock.time(lengthened(data))

    words = [
        f"-max_total_time={seconds}",
        f"-timeout={100 * SLOW if long else SLOW}",
        f"-max_len={SHORT if long else LONGEST}",
        "-rss_limit_mb=4096",
        "-print_final_stats=1",
    ]
    atheris.Setup([sys.argv[0], *words, str(folder)], read)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
