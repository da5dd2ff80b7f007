"""NIH ChestX-ray14 as it is shipped: one table, and PNG files in one folder or in twelve.

Wang et al., "ChestX-ray8", CVPR 2017. It has 14 findings, never uncertain, and no reports.
Radiologists' labels of some of its images and the boxes are added where their files lie below the
root; the labels under names of their own ("Google Pneumothorax"), beside those of the archive.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from radtex.corpus import normalise
from radtex.corpus.record import FileSource, Listing, Record, Rejection
from radtex.corpus.sources.nih_experts import Box, read_boxes, read_expert_labels
from radtex.corpus.splits import Split
from radtex.corpus.tables import read_table
from radtex.findings import NIH_LABELS

TABLES = ("Data_Entry_2017_v2020.csv", "Data_Entry_2017.csv")
_COLUMNS = (
    "Image Index",
    "Finding Labels",
    "Patient ID",
    "Patient Age",
    "View Position",
)
_SEX = ("Patient Sex", "Patient Gender")  # as published, and in the copies that went round
OFFICIAL_LISTS: Mapping[str, Split] = {"train_val_list.txt": "train", "test_list.txt": "test"}


@dataclass(frozen=True)
class NIH(FileSource):
    """The folder that holds the table and `images/` (or `images_001/images/` and so on)."""

    name = "nih"
    namespace = "nih"
    published = True
    expects = (
        "Data_Entry_2017_v2020.csv with images/ (or images_001/images/ … images_012/images/); "
        "where wanted train_val_list.txt, test_list.txt, BBox_List_2017.csv, "
        "four_findings_expert_labels/ and all_findings_expert_labels/"
    )
    origin = "NIH Clinical Center, free with citation: https://nihcc.app.box.com/v/ChestXray-NIHCC"

    def listing(self, encoding: str) -> Listing:
        """List the rows of the table, with what the lists, experts and boxes add to each."""
        table = read_table(self.first_file(*TABLES), encoding)
        table.require(_COLUMNS)
        sex = next((column for column in _SEX if column in table.header), _SEX[0])
        table.require([sex])
        paths, official = self._images(), self._official_splits()
        experts, boxes = read_expert_labels(self.root, encoding), read_boxes(self.root, encoding)
        entries = [
            *(_entry(row, sex, paths, official, experts, boxes) for row in table.rows),
            *table.rejections,
        ]
        settings = {
            "root": str(self.root),
            "table": table.path.name,
            "images_labelled_by_experts": len(experts),
            "images_with_boxes": len(boxes),
        }
        return Listing(entries, settings | table.settings)

    def _images(self) -> dict[str, str]:
        folders = [self.root / "images", *sorted(self.root.glob("images_*/images"))]
        return {
            path.name: path.relative_to(self.root).as_posix()
            for folder in folders
            for path in folder.glob("*.png")
        }

    def _official_splits(self) -> dict[str, Split]:
        return {
            image: split
            for name, split in OFFICIAL_LISTS.items()
            if (self.root / name).is_file()
            for image in (self.root / name).read_text(encoding="utf-8").split()
        }


def _entry(
    row: Mapping[str, str],
    sex: str,
    paths: Mapping[str, str],
    official: Mapping[str, Split],
    experts: Mapping[str, Mapping[str, int]],
    boxes: Mapping[str, Sequence[Box]],
) -> Record | Rejection:
    image_id, patient = row["Image Index"].strip(), row["Patient ID"].strip()
    found = {name.strip() for name in row["Finding Labels"].split("|")} - {"No Finding"}
    if not patient.isdecimal():
        return Rejection(image_id, "patient id is no number")
    if not found <= set(NIH_LABELS):
        return Rejection(image_id, "a finding label is none of the 14")
    return Record(
        image_id=image_id,
        study_id=image_id.removesuffix(".png"),
        patient_id=str(int(patient)),
        source_path=paths.get(image_id, f"images/{image_id}"),
        view=normalise.view(row["View Position"]),
        age=normalise.age(row["Patient Age"]),
        sex=normalise.sex(row[sex]),
        split=official.get(image_id, ""),
        labels={name: int(name in found) for name in NIH_LABELS} | dict(experts.get(image_id, {})),
        boxes=boxes.get(image_id, ()),
        flags=normalise.age_flags(row["Patient Age"]),
    )
