"""CheXpert v1.0 as it is shipped, small or in full, in one folder or in batches.

Irvin et al., "CheXpert", AAAI 2019. Its 14 labels were mined from reports that it does not hold;
those of the studies for validation and test were set by radiologists.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from radtex.corpus import normalise
from radtex.corpus.record import FileSource, Listing, Record, Rejection
from radtex.corpus.sources.chexpert_paths import CheXpertPath
from radtex.corpus.splits import Split
from radtex.corpus.tables import Table, read_table
from radtex.errors import CorpusError
from radtex.findings import CHEXPERT_LABELS

TABLES: Mapping[Split, Sequence[str]] = {
    "train": ("train.csv",),
    "validate": ("valid.csv", "val_labels.csv"),
    "test": ("test_labels.csv", "groundtruth.csv"),
}
"""The tables of each split, of which the first that lies there is read."""


@dataclass(frozen=True)
class CheXpert(FileSource):
    """The folder that holds the tables and images, or the folders in which they lie."""

    name = "chexpert"
    namespace = "chexpert"
    published = True
    equalized = True
    expects = (
        "train.csv and valid.csv with train/ and valid/, or the folders CheXpert-v1.0 batch 1 to "
        "4; for testing, test/ with test_labels.csv or groundtruth.csv"
    )
    origin = "Stanford AIMI, research use on request: https://aimi.stanford.edu/shared-datasets"

    def listing(self, encoding: str) -> Listing:
        """List the rows of the tables; a row of a study counts for each of its images."""
        tables = {split: file for split in TABLES if (file := self._find_table(split))}
        if not tables:
            raise CorpusError(f"{self.root} is no CheXpert archive: it holds no train.csv")
        folders = self._patient_folders()
        entries: list[Record | Rejection] = []
        for split, file in tables.items():
            table = read_table(self.root / file, encoding)
            table.require(CHEXPERT_LABELS)
            if "Study" in table.header:
                rows = self._rows_of_images(table, folders)
            else:
                table.require(["Path"])
                rows = [*table.rows, *table.rejections]
            entries += [
                row if isinstance(row, Rejection) else _entry(row, split, folders) for row in rows
            ]
        return Listing(entries, {"root": str(self.root), "tables": tables})

    def _find_table(self, split: Split) -> str | None:
        """Return the table of a split, relative to root; None if there is none."""
        found = [
            file
            for name in TABLES[split]
            for pattern in (name, f"*/{name}")
            for file in sorted(self.root.glob(pattern))
        ]
        return found[0].relative_to(self.root).as_posix() if found else None

    def _patient_folders(self) -> dict[str, str]:
        """Return where each patient's folder lies, relative to root."""
        inner = [
            parent
            for name in ("train", "valid", "val", "test")
            for parent in self.root.glob(f"*/{name}")
        ]
        return {
            folder.name: folder.relative_to(self.root).as_posix()
            for parent in sorted([*self.root.iterdir(), *inner])
            for folder in parent.glob("patient*")
        }

    def _rows_of_images(
        self, table: Table, folders: Mapping[str, str]
    ) -> list[Mapping[str, str] | Rejection]:
        """Return each row of a table of studies once for every image of the study."""
        rows: list[Mapping[str, str] | Rejection] = [*table.rejections]
        for row in table.rows:
            study = PurePosixPath(row["Study"])
            folder = PurePosixPath(folders.get(study.parent.name, study.parent), study.name)
            images = sorted((self.root / folder).glob("view*.jpg"))
            rows += [{**row, "Path": image.as_posix()} for image in images]
            if not images:
                rows.append(Rejection(row["Study"], "study has no image files"))
        return rows


def _entry(row: Mapping[str, str], split: Split, folders: Mapping[str, str]) -> Record | Rejection:
    try:
        path = CheXpertPath.parse(row["Path"].strip())
        labels = {name: normalise.label(row[name]) for name in CHEXPERT_LABELS}
    except CorpusError as error:
        return Rejection(row["Path"], str(error))
    age = row.get("Age", "").strip()
    folder = folders.get(path.patient, path.patient)
    return Record(
        image_id=path.image_id,
        study_id=path.study_id,
        patient_id=path.patient,
        source_path=f"{folder}/{path.study}/{path.view}{path.suffix}",
        view="LATERAL" if path.is_lateral else normalise.view(row.get("AP/PA", "")),
        # Nobody else is under 18: a 0 stands for an age that is not known.
        age=None if age == "0" else normalise.age(age),
        sex=normalise.sex(row.get("Sex", "")),
        split=split,
        labels=labels,
        flags=("age is 0, taken as not stated",) if age == "0" else normalise.age_flags(age),
    )
