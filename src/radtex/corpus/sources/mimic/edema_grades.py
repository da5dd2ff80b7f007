"""Grades of pulmonary edema for studies and images of MIMIC-CXR.

Liao et al., "Chest X-ray segmentation images and severity of pulmonary edema based on MIMIC-CXR"
(mimic-cxr-pe-severity 1.0.1), PhysioNet.
"""

from dataclasses import dataclass, field
from pathlib import Path

from radtex.corpus.tables import read_table
from radtex.errors import CorpusError
from radtex.findings import EDEMA_SEVERITY

LABEL = EDEMA_SEVERITY
FILES = (
    "regex_report_edema_severity.csv",
    "expert_report_edema_severity.csv",
    "consensus_image_edema_severity.csv",
)
"""Weakest first: by key words in the report, by an expert from it, by several from the image."""

_GRADES = ("0", "1", "2", "3")
_COLUMNS = ("edema_severity", "edeme_severity")


@dataclass(frozen=True)
class EdemaGrades:
    """Grades: 0 none, 1 vascular congestion, 2 interstitial edema, 3 alveolar edema."""

    of_study: dict[str, int] = field(default_factory=dict)
    """Graded from the report, by study id."""
    of_image: dict[str, int] = field(default_factory=dict)
    """Graded from the image by consensus, by image id."""
    held_out: set[str] = field(default_factory=set)
    """The patients of the images that were graded by consensus."""
    files: list[str] = field(default_factory=list)
    """The names of the tables that were read."""

    def grade(self, image_id: str, study_id: str) -> int | None:
        """Return the grade by consensus, else that of the study's report; None if ungraded."""
        return self.of_image.get(image_id, self.of_study.get(study_id))


def read_edema_grades(path: Path, encoding: str) -> EdemaGrades:
    """Read edema grades; where tables differ, the later one of `FILES` holds.

    Args:
        path: one of the tables `FILES`, or the folder in which some of them lie.
        encoding: of their text.

    Raises:
        CorpusError: if there is no table, a column is missing, or a grade is not 0 to 3.
    """
    files = [path / name for name in FILES if (path / name).is_file()] if path.is_dir() else [path]
    if not files:
        raise CorpusError(f"{path} holds no edema grades; expected {', '.join(FILES)}")
    grades = EdemaGrades(files=[file.name for file in files])
    for file in files:
        table = read_table(file, encoding)
        column = next((name for name in _COLUMNS if name in table.header), _COLUMNS[0])
        table.require(["subject_id", "study_id", column])
        for row in table.rows:
            grade = row[column].strip().removesuffix(".0")
            if grade not in _GRADES:
                raise CorpusError(
                    f"{file} grades study {row['study_id']} as none of {', '.join(_GRADES)}"
                )
            if "dicom_id" in table.header:
                grades.of_image[row["dicom_id"].strip()] = int(grade)
                grades.held_out.add(row["subject_id"].strip())
            else:
                grades.of_study[row["study_id"].strip()] = int(grade)
    return grades
