"""The picture of a map as a DICOM Secondary Capture, which every viewer of a PACS shows.

A parametric map would keep the numbers, but few viewers draw one over a film, and none burns in
what it may be used for.
"""

import logging
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from radtex import __version__
from radtex.classifiers.structured_report import CHARACTERS, NOT_FOR_DIAGNOSIS, source_of_file
from radtex.errors import ImageError, RadtexError

if TYPE_CHECKING:
    from pydicom import Dataset

DESCRIPTION = "radtex map, research, not for diagnosis"
"""Of the series."""
_YELLOW = (255, 214, 0)
_BAND = 0.04
"""Height of the band that says what the picture is not for, in widths of the picture."""


def secondary_capture(picture: Path, film: Path, text: str) -> "Dataset":
    """Return a picture of a film as a data set of the film's study.

    Args:
        picture: the PNG that was drawn.
        film: the DICOM file that it shows.
        text: what the picture says, for the description of how it was derived.

    Raises:
        RadtexError: if highdicom is not installed.
        ImageError: if `film` is no DICOM file with UIDs.
    """
    source = source_of_file(str(film))
    if source is None:
        raise ImageError(
            f"{film} is no DICOM file with a study, series and instance UID, so no picture in a "
            "PACS can refer to it"
        )
    return capture_of(np.asarray(Image.open(picture).convert("RGB")), source, text)


def capture_of(picture: NDArray[np.uint8], source: "Dataset", text: str) -> "Dataset":
    """Return a picture of a film as a data set of the film's study.

    Args:
        picture: uint8 (H, W, 3).
        source: the film's header, by `report_source`.
        text: as of `secondary_capture`.

    Raises:
        RadtexError: if highdicom is not installed.
    """
    try:
        import highdicom as hd
    except ImportError as error:
        raise RadtexError(
            "a picture for a PACS needs highdicom: pip install 'radtex[dicom-sr]'"
        ) from error
    logging.getLogger("highdicom").setLevel(logging.CRITICAL)  # its lines show UIDs
    pixels = with_warning(picture)
    found = hd.sc.SCImage(
        pixel_array=pixels,
        photometric_interpretation="RGB",
        bits_allocated=8,
        coordinate_system="PATIENT",
        patient_orientation=("L", "F"),
        study_instance_uid=source.StudyInstanceUID,
        series_instance_uid=_uid("series", pixels, source),
        series_number=901,
        sop_instance_uid=_uid("picture", pixels, source),
        instance_number=1,
        manufacturer="radtex",
        patient_id=source.PatientID,
        patient_name=source.PatientName,
        patient_birth_date=source.PatientBirthDate,
        patient_sex=source.PatientSex or None,
        accession_number=source.AccessionNumber,
        study_id=source.StudyID,
        study_date=source.StudyDate,
        study_time=source.StudyTime,
        referring_physician_name=source.ReferringPhysicianName,
        manufacturer_model_name=f"radtex {__version__}",
        software_versions=__version__,
        series_description=DESCRIPTION,
        specific_character_set=CHARACTERS,
    )
    del found.PatientOrientation  # of the film within the picture, not of the picture
    found.ImageType = ["DERIVED", "SECONDARY"]
    found.DerivationDescription = f"{NOT_FOR_DIAGNOSIS} {text}"[:1024]
    found.SourceImageSequence = [_reference(source)]
    return found


def with_warning(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a picture, uint8 (H, W, 3), under a band that says that it is not for diagnosis."""
    width = pixels.shape[1]
    band = Image.new("RGB", (width, max(16, round(width * _BAND))))
    draw = ImageDraw.Draw(band)
    words = NOT_FOR_DIAGNOSIS.upper()
    size = band.height * 0.6
    size *= min(1.0, 0.96 * width / draw.textlength(words, ImageFont.load_default(size)))
    font = ImageFont.load_default(size)
    draw.text((width / 2, band.height / 2), words, _YELLOW, font, anchor="mm")
    whole: NDArray[np.uint8] = np.concatenate([np.asarray(band), pixels])
    return whole


def _reference(source: "Dataset") -> Any:
    from pydicom import Dataset

    found = Dataset()
    found.ReferencedSOPClassUID = source.SOPClassUID
    found.ReferencedSOPInstanceUID = source.SOPInstanceUID
    return found


def _uid(what: str, pixels: NDArray[np.uint8], source: "Dataset") -> Any:
    """Return the same UID for the same picture of the same film: stored twice, it is there once."""
    from pydicom.uid import generate_uid

    digest = sha256(pixels.tobytes()).hexdigest()
    return generate_uid(entropy_srcs=[what, digest, str(source.SOPInstanceUID)])
