"""What both releases of MIMIC-CXR share: labels, splits, reports, patients and edema grades.

Johnson et al., "MIMIC-CXR", Scientific Data 2019, and "MIMIC-CXR-JPG", arXiv 1901.07042.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from radtex.corpus import normalise
from radtex.corpus.on_disk.spilled_texts import SpilledTexts
from radtex.corpus.record import NO_TEXTS, FileSource, Listing, Record, Rejection, Sex, View
from radtex.corpus.sources.mimic import edema_grades as edema
from radtex.corpus.sources.mimic.report_files import LAYOUT, read_report_files
from radtex.corpus.sources.mimic.study_labels import Labels, read_labels, refuse_rejections
from radtex.corpus.splits import Split
from radtex.corpus.tables import Table, read_table
from radtex.errors import CorpusError
from radtex.findings import CHEXPERT_LABELS

PREFIX = "mimic-cxr-2.0.0-"
MANUAL_LABELS = "mimic-cxr-2.1.0-test-set-labeled"
REPORTS = "mimic-cxr-reports.zip"


@dataclass(frozen=True, slots=True)
class MIMICImage:
    """One image as its release lists it."""

    dicom_id: str
    """Id of the image."""
    study_id: str
    """Id of the study."""
    subject_id: str
    """Id of the patient."""
    path: str
    """Where the image lies, relative to the source's root."""
    view: View
    """Unknown is ""."""
    study_date: str
    """YYYYMMDD, shifted as the release shifts dates, or ""."""
    flags: tuple[str, ...] = ()
    """What is odd about the image."""


@dataclass(frozen=True)
class MIMICSource(FileSource):
    """A release of MIMIC-CXR, with the tables of MIMIC-CXR-JPG for labels and splits."""

    reports: Path | None = None
    """The reports' zip or folder; looked for below root where not given."""
    patients: Path | None = None
    """The table hosp/patients.csv.gz of MIMIC-IV, which gives age and sex."""
    severity: Path | None = None
    """A table of mimic-cxr-pe-severity, or the folder that holds its tables. The patients of images
    that were graded by consensus go to test in the official split, since those grades are meant for
    testing and every such study was also graded by key words."""

    namespace = "mimic"
    published = True

    @abstractmethod
    def images(self, encoding: str) -> list[MIMICImage | Rejection]:
        """Return what the release lists, in its order."""

    def with_reports(self, files: Path) -> "MIMICSource":
        """Return the same source with reports from a folder or a zip."""
        return replace(self, reports=files)

    def listing(self, encoding: str) -> Listing:
        """List the release's images, with what reports and tables say of each."""
        images = [_checked(image) for image in self.images(encoding)]
        subjects = {
            image.study_id: image.subject_id for image in images if isinstance(image, MIMICImage)
        }
        settings: dict[str, Any] = {"root": str(self.root)}
        texts, problems = self._texts(subjects, encoding, settings)
        labels = self._labels(encoding, settings)
        splits = self._splits(encoding, settings)
        born = self._patients(set(subjects.values()), encoding, settings)
        grades = self._grades(encoding, settings)
        blank: Labels = dict.fromkeys(CHEXPERT_LABELS) if labels else {}

        def record(image: MIMICImage) -> Record:
            sex, year_of_birth = born.get(image.subject_id, ("", None))
            age = _age(image.study_date, year_of_birth)
            grade = grades.grade(image.dicom_id, image.study_id)
            of_study = labels.get(image.study_id, blank)
            held_out = image.subject_id in grades.held_out
            flags = (
                *image.flags,
                *normalise.age_flags(age),
                *["edema graded by consensus"] * (image.dicom_id in grades.of_image),
                *["patient held out for edema grades"] * held_out,
                *filter(None, [problems.get(image.study_id)]),
            )
            return Record(
                image_id=image.dicom_id,
                study_id=image.study_id,
                patient_id=image.subject_id,
                source_path=image.path,
                view=image.view,
                age=normalise.age(age),
                sex=sex,
                split="test" if splits and held_out else splits.get(image.dicom_id, ""),
                labels=of_study if grade is None else {**of_study, edema.LABEL: grade},
                flags=flags,
                texts=texts.get(image.study_id, NO_TEXTS),
            )

        images.reverse()
        entries: list[Record | Rejection] = []
        while images:  # each makes room for its record
            image = images.pop()
            entries.append(image if isinstance(image, Rejection) else record(image))
        return Listing(entries, settings)

    def find_table(self, name: str) -> Path | None:
        """Return the table of that name below root, packed or not; None if there is none."""
        files = (self.root / f"{name}{suffix}" for suffix in (".csv.gz", ".csv"))
        return next((file for file in files if file.is_file()), None)

    def _texts(
        self, subjects: Mapping[str, str], encoding: str, settings: dict[str, Any]
    ) -> tuple[dict[str, SpilledTexts], dict[str, str]]:
        """Return the texts of each study, and why the report of a study is not read."""
        published = self.root / REPORTS
        files = self.reports or (published if published.is_file() else self.root)
        reports, problems = read_report_files(files, subjects, encoding)
        if not reports and files != self.root:
            raise CorpusError(f"{files} holds no report of these studies; expected {LAYOUT}")
        settings["reports"] = f"{len(reports)} of {len(subjects)} studies, from {files}"
        return reports, problems

    def _labels(self, encoding: str, settings: dict[str, Any]) -> dict[str, Labels]:
        names = (f"{PREFIX}chexpert", f"{PREFIX}negbio")
        automatic = next(filter(None, map(self.find_table, names)), None)
        manual = self.find_table(MANUAL_LABELS)
        settings["labels"] = "none" if automatic is None else automatic.name
        labels = {} if automatic is None else read_labels(automatic, encoding)
        if manual is not None:
            by_hand = read_labels(manual, encoding)
            settings["manual_labels"] = (
                f"{manual.name}, instead of the automatic ones of {len(by_hand)} studies"
            )
            labels |= by_hand
        return labels

    def _splits(self, encoding: str, settings: dict[str, Any]) -> dict[str, Split | Literal[""]]:
        file = self.find_table(f"{PREFIX}split")
        settings["splits"] = "none" if file is None else file.name
        if file is None:
            return {}
        table = _read_whole(file, ["dicom_id", "split"], encoding)
        return {row["dicom_id"].strip(): normalise.split(row["split"]) for row in table.rows}

    def _patients(
        self, wanted: set[str], encoding: str, settings: dict[str, Any]
    ) -> dict[str, tuple[Sex, int | None]]:
        """Return sex and year of birth, which is shifted like the dates of the studies."""
        settings["patients"] = "none" if self.patients is None else str(self.patients)
        if self.patients is None:
            return {}
        columns = ["subject_id", "gender", "anchor_age", "anchor_year"]
        table = _read_whole(self.patients, columns, encoding)
        return {
            row["subject_id"]: (normalise.sex(row["gender"]), _year_of_birth(row))
            for row in table.rows
            if row["subject_id"] in wanted
        }

    def _grades(self, encoding: str, settings: dict[str, Any]) -> edema.EdemaGrades:
        if self.severity is None:
            return edema.EdemaGrades()
        grades = edema.read_edema_grades(self.severity, encoding)
        settings["severity"] = (
            f"{', '.join(grades.files)}, where they differ the last of them; in the official "
            f"split the {len(grades.held_out)} patients graded by consensus are test"
        )
        return grades


def _checked(image: MIMICImage | Rejection) -> MIMICImage | Rejection:
    if isinstance(image, MIMICImage) and not (
        image.subject_id.isdecimal() and image.study_id.isdecimal()
    ):
        return Rejection(image.dicom_id, "patient or study id is no number")
    return image


def _read_whole(file: Path, columns: Sequence[str], encoding: str) -> Table:
    table = read_table(file, encoding, columns)
    table.require(columns)
    refuse_rejections(table)
    return table


def _year_of_birth(row: Mapping[str, str]) -> int | None:
    year, age = row["anchor_year"].strip(), row["anchor_age"].strip()
    return int(year) - int(age) if year.isdecimal() and age.isdecimal() else None


def _age(study_date: str, year_of_birth: int | None) -> str:
    year = study_date[:4]
    return "" if year_of_birth is None or not year.isdecimal() else str(int(year) - year_of_birth)
