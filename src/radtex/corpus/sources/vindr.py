"""VinDr-CXR, as PhysioNet or Kaggle ships it: posterior-anterior films read by radiologists.

Nguyen et al., "VinDr-CXR", Scientific Data 2022. Three readers labelled each training image; a
finding is present where most of them saw it, and the boxes are all that they drew of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from radtex.corpus import normalise
from radtex.corpus.boxes import box_numbers, fraction_box
from radtex.corpus.headers import header_fields, read_headers
from radtex.corpus.record import FileSource, Listing, Record, Rejection
from radtex.corpus.splits import Split
from radtex.corpus.tables import read_table
from radtex.errors import CorpusError
from radtex.images.header import Header

LABEL_NAMES = {
    "Pleural effusion": "Pleural Effusion",
    "No finding": "No Finding",
    "Other disease": "Other diseases",
}
"""CheXpert's spelling of its own names; and one name that the archive spells in two ways."""
_BOX = ("x_min", "y_min", "x_max", "y_max")
READING_IDS = ("image_id", "rad_id")
"""Columns of a reading that are no findings."""
_ID = ("image_id",)
_DRAWN = (*_ID, "class_name", *_BOX)
Row = Mapping[str, str]
Rows = dict[str, list[Row]]
"""The rows of each image."""


@dataclass(frozen=True)
class VinDr(FileSource):
    """The folder that holds `train/`, `test/` and the tables."""

    name = "vindr"
    namespace = "vindr"
    published = True
    expects = (
        "train/*.dicom and test/*.dicom, with annotations/{image_labels,annotations}_{train,test}"
        ".csv (PhysioNet) or train.csv (Kaggle)"
    )
    origin = "PhysioNet, credentialed: https://physionet.org/content/vindr-cxr/1.0.0/"

    def listing(self, encoding: str) -> Listing:
        """List the images of both splits, whether labelled or only there as a file."""
        kaggle = (self.root / "train.csv").is_file()
        entries: list[Record | Rejection] = []
        splits: tuple[Split, ...] = ("train", "test")
        for split in splits:
            drawn: Rows = {}
            readings: Rows = {}
            if not kaggle:
                drawn = self._rows(f"annotations/annotations_{split}.csv", _DRAWN, encoding)
                readings = self._rows(f"annotations/image_labels_{split}.csv", _ID, encoding)
            elif split == "train":
                drawn = self._rows("train.csv", ("rad_id", *_DRAWN), encoding)
                readings = readings_of_boxes(drawn)
            there = sorted(path.stem for path in (self.root / split).glob("*.dicom"))
            images = {name: f"{split}/{name}.dicom" for name in (*readings, *there)}
            headers = read_headers([self.root / file for file in images.values()])
            entries += [
                _entry(name, file, split, header, readings.get(name, []), drawn.get(name, []))
                for (name, file), header in zip(images.items(), headers, strict=True)
            ]
        settings = {
            "root": str(self.root),
            "layout": "Kaggle" if kaggle else "PhysioNet",
            "warning": "the archive names no patients: each image counts as one of its own",
        }
        return Listing(entries, settings)

    def _rows(self, name: str, columns: Sequence[str], encoding: str) -> Rows:
        """Return a table's rows of each image."""
        table = read_table(self.root / name, encoding)
        table.require(columns)
        if table.rejections:
            raise CorpusError(
                f"{table.path} is damaged at {table.rejections[0].row}; fetch it anew, "
                "since a vote must not lack readers"
            )
        of_image: Rows = {}
        for row in table.rows:
            of_image.setdefault(row["image_id"].strip(), []).append(row)
        return of_image


def readings_of_boxes(
    drawn: Mapping[str, Sequence[Row]],
) -> Rows:
    """Turn boxes into readings.

    Args:
        drawn: the rows of each image; a row is one box, its `class_name` and the `rad_id` of its
            reader.

    Returns:
        For each image a row for each reader, with all findings as "1" or "0". A finding without a
        box is absent.
    """
    findings = sorted({row["class_name"] for rows in drawn.values() for row in rows})
    readings: Rows = {}
    for image_id, rows in drawn.items():
        seen: dict[str, set[str]] = {}
        for row in rows:
            seen.setdefault(row["rad_id"], set()).add(row["class_name"])
        readings[image_id] = [{name: f"{name in s:d}" for name in findings} for s in seen.values()]
    return readings


def majority(readings: Sequence[Row]) -> dict[str, int]:
    """Return 1 for each finding that more than half of the readings hold present, else 0.

    Raises:
        CorpusError: if a cell is no label.
    """
    findings = [name for reading in readings[:1] for name in reading if name not in READING_IDS]
    votes = {name: [normalise.label(reading[name]) for reading in readings] for name in findings}
    return {name: int(2 * votes[name].count(1) > len(readings)) for name in findings}


def _entry(
    image_id: str,
    file: str,
    split: Split,
    header: Header | str,
    readings: Sequence[Row],
    drawn: Sequence[Row],
) -> Record | Rejection:
    if isinstance(header, str):
        return Rejection(image_id, header)
    header = replace(header, view_position="PA")  # of all images; most headers do not state it
    try:
        labels = {_label(name): vote for name, vote in majority(readings).items()}
        boxes = [
            fraction_box(name, box_numbers(row[edge] for edge in _BOX), header.rows, header.columns)
            for row in drawn
            if labels.get(name := _label(row["class_name"])) and row["x_min"]
        ]
    except CorpusError as error:
        return Rejection(image_id, str(error))
    return Record(
        image_id=image_id,
        study_id=image_id,
        patient_id=image_id,
        source_path=file,
        split=split,
        labels=labels,
        boxes=boxes,
        **header_fields(header),
    )


def _label(name: str) -> str:
    return LABEL_NAMES.get(name, name)
