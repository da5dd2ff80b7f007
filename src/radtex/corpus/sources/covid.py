"""The covid-chestxray-dataset: figures of papers and case reports, with clinical notes.

Cohen et al., "COVID-19 Image Data Collection", 2020. Its finding is a path such as
"Pneumonia/Viral/COVID-19"; each level becomes a label.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from radtex.corpus import normalise
from radtex.corpus.record import FileSource, Listing, Record, Rejection
from radtex.corpus.report_texts import report_texts
from radtex.corpus.tables import read_table

TABLE = "metadata.csv"
_COLUMNS = ("patientid", "offset", "sex", "age", "finding", "view", "modality", "folder",
            "filename", "clinical_notes")  # fmt: skip

Finding = tuple[str, ...]
"""The levels of one finding, from the widest."""


@dataclass(frozen=True)
class Covid(FileSource):
    """The folder that holds `metadata.csv` and `images/`; the CT images are left out.

    Images of one patient and one day are a study. A label is 1 if a level of the finding has its
    name, 0 if the finding excludes it, and blank if the finding is less exact: "Pneumonia" leaves
    open whether it is "Viral".
    """

    name = "covid"
    namespace = "covid"
    published = True
    expects = f"{TABLE} with images/"
    origin = "free, licence of each image in the table: https://github.com/ieee8023/covid-chestxray-dataset"

    def listing(self, encoding: str) -> Listing:
        """List the rows of the table."""
        table = read_table(self.root / TABLE, encoding)
        table.require(_COLUMNS)
        named = {
            finding[:depth]
            for row in table.rows
            for finding in _findings(row)
            for depth in range(1, len(finding) + 1)
        }
        entries = [*(_entry(row, named) for row in table.rows), *table.rejections]
        return Listing(entries, {"root": str(self.root), **table.settings})


def _entry(row: Mapping[str, str], named: Collection[Finding]) -> Record | Rejection:
    image_id, patient = row["filename"].strip(), row["patientid"].strip()
    offset = row["offset"].strip()
    if normalise.is_unknown(patient):
        return Rejection(image_id, "patient id is empty")
    if row["modality"].strip().casefold() != "x-ray":
        return Rejection(image_id, "modality is not X-ray", wrong=False)
    return Record(
        image_id=image_id,
        study_id=image_id if normalise.is_unknown(offset) else f"{patient}_{offset}",
        patient_id=patient,
        source_path=f"{row['folder'].strip()}/{image_id}",
        view=normalise.view(row["view"]),
        age=normalise.age(row["age"]),
        sex=normalise.sex(row["sex"]),
        labels=_labels(_findings(row), named),
        flags=normalise.age_flags(row["age"]),
        texts=report_texts(normalise.text(row["clinical_notes"])),
    )


def _findings(row: Mapping[str, str]) -> list[Finding]:
    """Return the findings of a row; none where it is unknown or still "todo"."""
    cells = [cell.strip() for cell in row["finding"].split(",")]
    return [
        tuple(level.strip() for level in cell.split("/"))
        for cell in cells
        if not normalise.is_unknown(cell) and cell != "todo"
    ]


def _labels(stated: Collection[Finding], named: Collection[Finding]) -> dict[str, int | None]:
    if not stated:
        return {}
    present = {level for finding in stated for level in finding}
    left_open = {
        deeper[-1]
        for deeper in named
        if any(deeper[: len(finding)] == finding for finding in stated)
    }
    return {
        name: 1 if name in present else None if name in left_open else 0
        for name in sorted({finding[-1] for finding in named})
    }
