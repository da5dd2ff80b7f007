"""Predictions as DICOM structured reports, for a PACS: the tree of measurements of TID 1500.

Each report refers to the images of a row, and says which classifier spoke, what probability it gave
each finding, and at which operating point that is a yes. Findings have codes of our own
(99RADTEX): their names are those of the labels, and no terminology says just what was labelled.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from radtex import __version__
from radtex.classifiers.opening import Finding
from radtex.classifiers.prediction import Prediction
from radtex.errors import ImageError, RadtexError
from radtex.files import whole_folder
from radtex.images.dicom_dataset import careful_reading, is_dicom, read_dataset
from radtex.inputs import open_input
from radtex.statistics.thresholds import OperatingPoint

if TYPE_CHECKING:
    from pydicom import Dataset

NOT_FOR_DIAGNOSIS = "Research output of a machine. Not for diagnosis."
"""Stands in every report."""
CHARACTERS = "ISO_IR 192"
"""The character set of what is written: UTF-8."""
SCHEME = "99RADTEX"
"""Of the codes of findings and operating points."""
_PATIENT = ("PatientName", "PatientID", "IssuerOfPatientID", "PatientBirthDate", "PatientSex")
_STUDY = (
    *("StudyInstanceUID", "StudyID", "StudyDate", "StudyTime", "AccessionNumber"),
    *("ReferringPhysicianName", "StudyDescription"),
)
_IMAGE = (
    *("SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "Modality", "Rows", "Columns"),
    *("SpecificCharacterSet", "NumberOfFrames"),
)
_NEEDED = ("SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Author:
    """Which classifier speaks."""

    name: str
    """Of its encoder."""
    digest: str
    """SHA-256 of its description and weights, in hex."""
    point: OperatingPoint
    """The operating point that makes a probability a yes."""
    targets: tuple[tuple[str, float], ...]
    """Each target, and its threshold."""

    @classmethod
    def of(
        cls, name: str, digest: str, point: OperatingPoint, targets: Sequence[Finding]
    ) -> "Author":
        """Name a classifier by its encoder's name and its digest, with thresholds of a point."""
        pairs = tuple((each.name, each.thresholds.at(point)) for each in targets)
        return cls(name, digest, point, pairs)


SourceOf = Callable[[str], "Dataset | None"]
"""What a report needs of the header of a file; None for one that no report can refer to."""


def source_of_file(name: str) -> "Dataset | None":
    """Return what a report needs of a file; None for one that is no DICOM file or lacks UIDs."""
    try:
        with open_input(name, None, ImageError) as file:
            return report_source(file, name)
    except (OSError, ImageError):  # its row says why it could not be read
        return None


def write_structured_reports(
    predictions: Sequence[Prediction],
    author: Author,
    folder: Path,
    source_of: SourceOf = source_of_file,
) -> int:
    """Write a report for each row whose files are DICOM; return how many there are.

    Args:
        predictions: of images, or of studies.
        author: which classifier speaks.
        folder: to make; a report is named by its own UID.
        source_of: what a report needs of the header of each of a prediction's files.

    Raises:
        OutputError: if `folder` exists or cannot be written.
        RadtexError: if highdicom is not installed.
        ImageError: if no file is a DICOM file that a report can refer to.
    """
    refuse_without_highdicom()
    written = 0
    with whole_folder(folder) as aside:
        for report in structured_reports(predictions, author, source_of):
            report.save_as(aside / f"{report.SOPInstanceUID}.dcm", enforce_file_format=True)
            written += 1
    return written


def structured_reports(
    predictions: Sequence[Prediction], author: Author, source_of: SourceOf = source_of_file
) -> "Iterator[Dataset]":
    """Yield a report for each row of DICOM files; arguments as of `write_structured_reports`.

    The same answer of the same classifier about the same films has the same UID, so that storing
    it again adds nothing.

    Raises:
        ImageError: at the end, if no file is one that a report can refer to.
    """
    written = left = 0
    for each in predictions:
        sources = [source for name in each.files if (source := source_of(name)) is not None]
        if not sources:
            left += 1
            continue
        yield structured_report(each, author, sources)
        written += 1
    if not written:
        raise ImageError(
            "no structured report was written: a report refers to DICOM files with a study, "
            "series and instance UID, and none of these files is one"
        )
    if left:
        _log.warning(
            "%d of %d have no structured report: no DICOM file with UIDs", left, left + written
        )


def refuse_without_highdicom() -> None:
    """Refuse to begin where the package that writes reports is missing; else keep it quiet.

    Raises:
        RadtexError: if it is.
    """
    try:
        import highdicom  # noqa: F401
    except ImportError as error:
        raise RadtexError(
            "structured reports need highdicom: pip install 'radtex[dicom-sr]'"
        ) from error
    logging.getLogger("highdicom").setLevel(logging.CRITICAL)  # its lines show UIDs


def report_source(file: BinaryIO, name: str) -> "Dataset | None":
    """Return what a report needs of a film's header; None for what is no DICOM or lacks UIDs.

    Args:
        file: the film, at its start.
        name: what messages call it.

    Raises:
        ImageError: if it is damaged.
    """
    if not is_dicom(file.read(132)):
        return None
    file.seek(0)
    with careful_reading(name):
        found = read_dataset(file, name, (*_PATIENT, *_STUDY, *_IMAGE), pixels=False)
        if not all(found.get(keyword) for keyword in _NEEDED):
            return None
        for keyword in (*_PATIENT, *_STUDY):
            if keyword not in found and keyword != "IssuerOfPatientID":
                setattr(found, keyword, None)
        _as_unicode(found)
        return found


def _as_unicode(found: "Dataset") -> None:
    """Write all text anew: highdicom takes few character sets, and a finding's may be another."""
    for each in found:
        if each.VR in ("PN", "LO", "SH") and each.value:
            several = each.VM > 1
            each.value = [str(one) for one in each.value] if several else str(each.value)
    found.SpecificCharacterSet = CHARACTERS


def structured_report(prediction: Prediction, author: Author, sources: "Sequence[Dataset]") -> Any:
    """Return the report of a prediction.

    Args:
        prediction: of an image or a study.
        author: which classifier speaks.
        sources: its films, by `report_source`.
    """
    import highdicom as hd
    from pydicom.sr.codedict import codes
    from pydicom.uid import generate_uid

    machine = hd.sr.ObserverContext(
        observer_type=codes.DCM.Device,
        observer_identifying_attributes=hd.sr.DeviceObserverIdentifyingAttributes(
            uid=generate_uid(entropy_srcs=[author.digest]),
            name=author.name[:64],
            manufacturer_name="radtex",
            model_name=f"radtex {__version__}",
            serial_number=author.digest[:64],
        ),
    )
    content = hd.sr.MeasurementReport(
        observation_context=hd.sr.ObservationContext(observer_device_context=machine),
        procedure_reported=_code("chest-radiograph", "Radiograph of the chest"),
        imaging_measurements=_findings(prediction, author, sources),
        title=codes.DCM.ImagingMeasurementReport,
    )
    remarks = [NOT_FOR_DIAGNOSIS]
    if prediction.reason:
        answer = "No answer" if prediction.probabilities is None else "Answered all the same"
        remarks.append(f"{answer}: {prediction.reason}.")
    for remark in remarks:
        content[0].ContentSequence.append(
            hd.sr.TextContentItem(
                name=codes.DCM.Comment,
                value=remark,
                relationship_type=hd.sr.RelationshipTypeValues.CONTAINS,
            )
        )
    return hd.sr.Comprehensive3DSR(
        evidence=list(sources),
        content=content,
        series_instance_uid=_uid("series", prediction, author, sources),
        series_number=900,
        sop_instance_uid=_uid("report", prediction, author, sources),
        instance_number=1,
        manufacturer="radtex",
        is_complete=True,
        is_final=False,
        is_verified=False,
        series_description="radtex, research, not for diagnosis",
    )


def _findings(prediction: Prediction, author: Author, sources: "Sequence[Dataset]") -> list[Any]:
    import highdicom as hd
    from pydicom.sr.codedict import codes

    images = [hd.sr.SourceImageForMeasurementGroup.from_source_image(each) for each in sources]
    if prediction.probabilities is None or prediction.positive is None:
        return [
            hd.sr.MeasurementsAndQualitativeEvaluations(
                tracking_identifier=hd.sr.TrackingIdentifier(uid=hd.UID(), identifier="answer"),
                qualitative_evaluations=[
                    hd.sr.QualitativeEvaluation(
                        name=_code("answer", "Answer of the classifier"),
                        value=_code("none", "No answer"),
                    )
                ],
                source_images=images,
            )
        ]
    answers = zip(author.targets, prediction.probabilities, prediction.positive, strict=True)
    return [
        hd.sr.MeasurementsAndQualitativeEvaluations(
            tracking_identifier=hd.sr.TrackingIdentifier(uid=hd.UID(), identifier=target),
            finding_type=_code(target, target),
            algorithm_id=hd.sr.AlgorithmIdentification(
                name=f"radtex classifier {author.name}"[:64],
                version=__version__,
                parameters=[
                    f"sha256 {author.digest}",
                    f"operating point {author.point}, threshold {threshold:.6f}",
                    NOT_FOR_DIAGNOSIS,
                ],
            ),
            measurements=[
                hd.sr.Measurement(
                    name=codes.DCM.Probability,
                    value=round(probability, 6),
                    unit=codes.UCUM.NoUnits,
                )
            ],
            qualitative_evaluations=[
                hd.sr.QualitativeEvaluation(
                    name=_code(author.point, f"At the operating point {author.point}"),
                    value=codes.SCT.Present if positive else codes.SCT.Absent,
                )
            ],
            source_images=images,
        )
        for (target, threshold), probability, positive in answers
    ]


def _uid(what: str, prediction: Prediction, author: Author, sources: "Sequence[Dataset]") -> Any:
    from pydicom.uid import generate_uid

    said = (prediction.probabilities, prediction.positive, prediction.reason)
    films = [str(each.SOPInstanceUID) for each in sources]
    return generate_uid(entropy_srcs=[what, __version__, repr(author), repr(said), *films])


def _code(value: str, meaning: str) -> Any:
    """A code of our own; a value has at most 16 characters without reserved ones."""
    from highdicom.sr import CodedConcept

    if len(value) > 16 or not value.isascii():
        value = sha256(value.encode()).hexdigest()[:16]
    return CodedConcept(value, SCHEME, meaning[:64])
