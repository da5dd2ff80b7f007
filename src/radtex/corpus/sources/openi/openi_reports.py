"""The XML reports of Open-i's chest radiographs, and what their MeSH codes say as labels.

Demner-Fushman et al., "Preparing a collection of radiology examinations for distribution and
retrieval", JAMIA 2016.
"""

import gzip
import io
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import ParseError, fromstring

from radtex.corpus.record import Rejection, Texts
from radtex.errors import CorpusError
from radtex.inputs import open_input

FOLDER, ARCHIVE = "ecgen-radiology", "NLMCXR_reports.tgz"

MAX_ARCHIVE = 2**28
"""Bytes that the unpacked archive may have: the published one has 24 MB."""
MAX_REPORT = 2**20
"""Bytes that one report may have: the published ones have at most 9 kB."""
MAX_FILES = 2**16

CODED: Mapping[str, tuple[str, ...]] = {
    "Atelectasis": ("Pulmonary Atelectasis",),
    "Cardiomegaly": ("Cardiomegaly",),
    "Consolidation": ("Consolidation",),
    "Edema": ("Pulmonary Edema",),
    "Fracture": ("Fractures, Bone",),
    "Lung Opacity": ("Opacity", "Infiltrate", "Airspace Disease"),
    "No Finding": ("normal",),
    "Pleural Effusion": ("Pleural Effusion", "Hydropneumothorax", "Hemopneumothorax"),
    "Pneumonia": ("Pneumonia",),
    "Pneumothorax": ("Pneumothorax", "Hydropneumothorax", "Hemopneumothorax"),
    "Support Devices": (
        "Catheters, Indwelling",
        "Implanted Medical Device",
        "Medical Device",
        "Tube, Inserted",
    ),
}
"""The MeSH headings, any of which makes a finding present."""

_NOT_INDEXED = "No Indexing"


@dataclass(frozen=True)
class OpenIReport:
    """One report, with what human indexers made of it."""

    number: str
    """Such as "CXR1"."""
    images: tuple[str, ...]
    """Ids of its images."""
    texts: Texts
    """Its sections."""
    headings: frozenset[str]
    """Those of `MeSH/major`, unqualified: "Opacity" of "Opacity/lung/base/left"."""

    def labels(self, headings: frozenset[str]) -> dict[str, int | None]:
        """Return what is coded as labels.

        Args:
            headings: those of the whole archive; each becomes a label such as "MeSH Opacity".

        Returns:
            The findings of `CODED`, then the headings: 1 if coded, else 0. Cardiomegaly is None if
            the cardiac shadow alone is coded, which may be enlarged. There are no labels if the
            report was not indexed.
        """
        if _NOT_INDEXED in self.headings:
            return {}
        found: dict[str, int | None] = {
            name: int(not self.headings.isdisjoint(codes)) for name, codes in CODED.items()
        }
        if not found["Cardiomegaly"] and "Cardiac Shadow" in self.headings:
            found["Cardiomegaly"] = None
        return found | {f"MeSH {name}": int(name in self.headings) for name in sorted(headings)}


def read_openi_reports(root: Path) -> Iterator[OpenIReport | Rejection]:
    """Read all reports; the archive is not unpacked to disk.

    Args:
        root: holds the folder `ecgen-radiology`, which is preferred, or `NLMCXR_reports.tgz`.

    Yields:
        The reports by number; a rejection for one that is damaged, too large, or that declares
        entities.

    Raises:
        CorpusError: if there is neither folder nor archive, or the archive is damaged or larger
            than `MAX_ARCHIVE` bytes or `MAX_FILES` files.
    """
    if (root / FOLDER).is_dir():
        files = {path.name: _start(path) for path in (root / FOLDER).glob("*.xml")}
    elif (root / ARCHIVE).is_file():
        files = _unpack(root / ARCHIVE)
    else:
        raise CorpusError(f"{root} is no Open-i archive: it holds neither {FOLDER} nor {ARCHIVE}")
    for name in sorted(files, key=lambda name: (len(name), name)):
        yield _parse(name, files[name])


def _start(path: Path) -> bytes:
    with open_input(path, None, CorpusError) as file:
        return file.read(MAX_REPORT + 1)


def _unpack(archive: Path) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    try:
        with gzip.open(archive) as packed:
            data = packed.read(MAX_ARCHIVE + 1)
        if len(data) > MAX_ARCHIVE:
            raise CorpusError(
                f"{archive} unpacks to more than {MAX_ARCHIVE:,} bytes; fetch it anew"
            )
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            for number, member in enumerate(tar):
                if number == MAX_FILES:
                    raise CorpusError(f"{archive} holds more than {MAX_FILES:,} files")
                name = PurePosixPath(member.name)
                file = tar.extractfile(member) if member.isreg() else None  # links may lead astray
                if file and name.suffix == ".xml":
                    files[name.name] = file.read(MAX_REPORT + 1)
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error, ValueError) as error:
        raise CorpusError(f"{archive} is damaged or no packed tar; fetch it anew") from error
    return files


def _parse(name: str, data: bytes) -> OpenIReport | Rejection:
    if len(data) > MAX_REPORT:
        return Rejection(name, f"report has more than {MAX_REPORT:,} bytes")
    try:
        root = fromstring(data)
    except (ParseError, ValueError, LookupError):  # ValueError: entities, or an unknown encoding
        return Rejection(name, "report is damaged XML, or declares entities")
    number = root.find("uId")
    if number is None or not number.get("id"):
        return Rejection(name, "report has no number")
    majors = (major.text or "" for major in root.iterfind("MeSH/major"))
    return OpenIReport(
        number=number.get("id", ""),
        images=tuple(image.get("id", "") for image in root.iterfind("parentImage")),
        texts=_texts(root),
        headings=frozenset(" ".join(major.split("/")[0].split()) for major in majors),
    )


def _texts(root: Element) -> Texts:
    sections = {
        element.get("Label", ""): " ".join((element.text or "").split())
        for element in root.iter("AbstractText")
    }
    return Texts(
        indication=sections.get("INDICATION", ""),
        findings=sections.get("FINDINGS", ""),
        impression=sections.get("IMPRESSION", ""),
        report="\n".join(f"{label}: {text}" for label, text in sections.items() if text),
    )
