"""What the headers of DICOM files say about view, body part and provenance."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

from radtex.corpus import normalise
from radtex.corpus.record import Sex, View
from radtex.corpus.view_words import view_in
from radtex.errors import ImageError
from radtex.images.header import Header, read_header
from radtex.inputs import why_unread
from radtex.parallel import map_in_chunks

NO_IMAGE = "DICOM file without an image, such as a DICOMDIR or a report"
NO_DICOM = "the file is no DICOM file"
NO_PATIENT = "header states no PatientID"
"""Flag of an image whose patient only a table may tell."""

_CHUNK = 256

_CHEST_WORDS = ("CHEST", "THORAX", "TORAX", "LUNG")


def read_headers(paths: Sequence[Path]) -> list[Header | str]:
    """Return the header of each DICOM file, or why it holds no image, in the order of `paths`.

    Files are read on all cores, and never further than their pixels. The rows and columns of a
    header that is returned are not 0.
    """
    return map_in_chunks(header_or_reason, paths, _CHUNK, "reading headers", "files")


def header_or_reason(path: Path) -> Header | str:
    """Return the header of a DICOM file, or why it holds no image."""
    try:
        header = read_header(path)
    except ImageError as error:
        return str(error).replace(str(path), "the file")
    except OSError as error:
        return why_unread(error)
    return header if header.rows and header.columns else NO_IMAGE


class HeaderFields(TypedDict):
    """The fields of a `Record` that a header states."""

    view: View
    """From `header_view`."""
    age: float | None
    """Years; None where unknown."""
    sex: Sex
    """Unknown is ""."""
    flags: tuple[str, ...]
    """From `header_flags`."""


def header_fields(header: Header) -> HeaderFields:
    """Return what a header states of a record, as `Record(..., **header_fields(header))`."""
    return HeaderFields(
        view=header_view(header),
        age=normalise.age(header.age),
        sex=normalise.sex(header.sex),
        flags=header_flags(header),
    )


def header_view(header: Header) -> View:
    """Return the view by the first part of the header that tells it; "" where none does.

    The parts are ViewPosition, ViewCodeSequence, the descriptions of series, protocol and study,
    and PatientOrientation. A description of several views ("PA and lateral") tells nothing. An
    orientation tells only a left lateral view, by rows that run to the back: PA and AP share
    theirs, and rows that run to the front are no proof of a right lateral (of the 402 images of
    Open-i that state them beside a ViewPosition, 224 are frontal).
    """
    return _view_and_origin(header)[0]


def header_flags(header: Header) -> tuple[str, ...]:
    """Return what is odd about an image, or was concluded from weaker parts of its header."""
    view, origin = _view_and_origin(header)
    flags = {
        "view not stated": not view,
        f"view from its {origin}": origin not in ("", "position"),
        "burned-in annotation": header.burned_in.upper() == "YES",
        "derived image": header.image_type.upper().startswith("DERIVED"),
        "body part not stated": normalise.is_unknown(header.body_part),
        "not a chest": not is_chest(header),
        "age not readable": bool(normalise.age_flags(header.age)),
    }
    return tuple(flag for flag, holds in flags.items() if holds)


def is_chest(header: Header) -> bool:
    """Tell whether BodyPartExamined names the chest, or nothing."""
    part = header.body_part.upper()
    return normalise.is_unknown(part) or any(word in part for word in _CHEST_WORDS)


def _view_and_origin(header: Header) -> tuple[View, str]:
    if (view := normalise.view(header.view_position)) not in ("", "OTHER"):
        return view, "position"
    parts = (
        ("position", header.view_position),
        ("view code", header.view_code),
        ("description", header.series_description),
        ("description", header.protocol),
        ("description", header.study_description),
    )
    for origin, text in parts:
        if view := view_in(text):
            return view, origin
    if re.match(r"P[A-Z]*\\F", header.patient_orientation.upper()):
        return "LATERAL", "orientation"
    return "", ""
