"""CheXpert Plus as it is shipped: CheXpert's studies with their reports, as PNG or DICOM.

Chambon et al., "CheXpert Plus", arXiv 2405.19538. Patients and images are those of CheXpert. Its
labels are those that CheXbert gave to the reports (Smit et al., "CheXbert", EMNLP 2020), in files
of a JSON object per line.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from radtex.corpus import normalise
from radtex.corpus.record import FileSource, Listing, Record, Rejection, Texts
from radtex.corpus.report_texts import report_texts
from radtex.corpus.sources.chexpert_paths import CheXpertPath
from radtex.corpus.tables import read_table
from radtex.corpus.tables.packed import MAX_UNPACKED
from radtex.errors import CorpusError
from radtex.findings import CHEXPERT_LABELS
from radtex.inputs import open_input

TABLE = "df_chexpert_plus_240401.csv"
_COLUMNS = (
    "path_to_image",
    "ap_pa",
    "report",
    "section_clinical_history",
    "section_history",
    "section_findings",
    "section_impression",
    "age",
    "sex",
    "split",
)

TREES = ("PNG", "PNG/PNG", "DICOM/Uncompressed", "DICOM/Compressed", ".")
"""Where the images may lie, in `train/` and `valid/`; the first of these is read."""
_SUFFIXES = (".png", ".dcm", ".jpg")

LABEL_FILES = ("impression_fixed.json", "report_fixed.json")
"""CheXbert's labels, in order of preference: those of the impression are made like CheXpert's own;
those of the whole report also count what its history asks for."""

Labels = Mapping[str, int | None]


@dataclass(frozen=True)
class CheXpertPlus(FileSource):
    """The folder that holds the table, and the images in one of `TREES`."""

    name = "chexpert-plus"
    namespace = "chexpert"
    published = True
    expects = (
        f"{TABLE} with PNG/ or DICOM/Uncompressed/; for labels, chexbert_labels/{LABEL_FILES[0]}"
    )
    origin = (
        "Stanford AIMI, research use on request: https://aimi.stanford.edu/datasets/chexpert-plus"
    )

    def listing(self, encoding: str) -> Listing:
        """List the rows of the table; texts and labels of a study go to each of its images."""
        table = read_table(self.root / TABLE, encoding)
        table.require(_COLUMNS)
        trees = (
            name
            for name in TREES
            for split in ("train", "valid")
            if (self.root / name / split).is_dir()
        )
        tree = next(trees, TREES[0])
        file = _find_label_file(self.root / "chexbert_labels")
        labels = {} if file is None else _read_label_file(file)
        labelled_by = "none" if file is None else file.name
        texts: dict[str, Texts] = {}
        entries = [
            *(self._entry(row, tree, labels, texts) for row in table.rows),
            *table.rejections,
        ]
        settings = {"root": str(self.root), "images": tree, "labels": labelled_by}
        return Listing(entries, settings | table.settings)

    def _entry(
        self,
        row: Mapping[str, str],
        tree: str,
        labels: Mapping[str, Labels],
        texts: dict[str, Texts],
    ) -> Record | Rejection:
        try:
            path = CheXpertPath.parse(row["path_to_image"])
        except CorpusError as error:
            return Rejection(row["path_to_image"], str(error))
        stem = PurePosixPath(tree, row["path_to_image"])
        files = (stem.with_suffix(suffix) for suffix in _SUFFIXES)
        file = next((file for file in files if (self.root / file).is_file()), stem)
        if path.study_id not in texts:
            texts[path.study_id] = _texts(row)
        return Record(
            image_id=path.image_id,
            study_id=path.study_id,
            patient_id=path.patient,
            source_path=file.as_posix(),
            view="LATERAL" if path.is_lateral else normalise.view(row["ap_pa"]),
            age=normalise.age(row["age"]),
            sex=normalise.sex(row["sex"]),
            split=normalise.split(row["split"]),
            labels=labels.get(path.image_id, dict.fromkeys(CHEXPERT_LABELS) if labels else {}),
            flags=normalise.age_flags(row["age"]),
            texts=texts[path.study_id],
        )


def _find_label_file(folder: Path) -> Path | None:
    """Return the first of `LABEL_FILES` that lies in the folder, or None."""
    return next((folder / name for name in LABEL_FILES if (folder / name).is_file()), None)


def _read_label_file(file: Path) -> dict[str, Labels]:
    """Return the labels of each image id; a line must have a path and 14 labels."""
    labels = {}
    distinct: dict[tuple[int | None, ...], Labels] = {}
    with open_input(file, MAX_UNPACKED, CorpusError) as lines:
        for number, line in enumerate(lines, start=1):
            try:
                row: dict[str, Any] = json.loads(line)
                image = CheXpertPath.parse(row["path_to_image"]).image_id
                values = tuple(normalise.label(str(row[name])) for name in CHEXPERT_LABELS)
            except (ValueError, KeyError, TypeError, CorpusError) as error:
                raise CorpusError(
                    f"{file}, line {number}: expected path_to_image and 14 labels, "
                    "each 1, 0, -1 or null; fetch the file anew"
                ) from error
            named = dict(zip(CHEXPERT_LABELS, values, strict=True))
            labels[image] = distinct.setdefault(values, named)
    return labels


def _texts(row: Mapping[str, str]) -> Texts:
    """Return the sections of the table; where it has none, those found in the report."""
    findings, impression, clinical_history, history, report = (
        normalise.text(row[column])
        for column in (
            "section_findings",
            "section_impression",
            "section_clinical_history",
            "section_history",
            "report",
        )
    )
    if not findings and not impression:
        return report_texts(report)
    indication = clinical_history or history
    return Texts(indication=indication, findings=findings, impression=impression, report=report)
