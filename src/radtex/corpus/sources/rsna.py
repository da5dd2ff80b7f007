"""RSNA Pneumonia Detection Challenge 2018, as Kaggle ships its second stage.

Its images are NIH's; the published mapping names the NIH image of each. A target is an opacity
that suggests pneumonia, so it counts as Lung Opacity and as Pneumonia alike.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from radtex.corpus import normalise
from radtex.corpus.boxes import box_numbers, fraction_box
from radtex.corpus.headers import header_fields, read_headers
from radtex.corpus.record import FileSource, Listing, Record, Rejection
from radtex.corpus.tables import read_table
from radtex.errors import CorpusError
from radtex.images.header import Header

MAPPING = "pneumonia-challenge-dataset-mappings_2018.json"
_BOX = ("x", "y", "width", "height")


@dataclass(frozen=True)
class RSNA(FileSource):
    """The folder that holds the two tables, the folders of images, and the mapping if any."""

    name = "rsna"
    published = True
    expects = (
        "stage_2_train_labels.csv, stage_2_detailed_class_info.csv, stage_2_train_images/*.dcm; "
        f"where wanted stage_2_test_images/; for the NIH patients {MAPPING}"
    )
    origin = (
        "Kaggle, under the rules of the challenge, the mapping from RSNA: "
        "https://www.kaggle.com/c/rsna-pneumonia-detection-challenge"
    )

    @property
    def namespace(self) -> str:
        """NIH's where the mapping to its patients lies in the folder."""
        return "nih" if (self.root / MAPPING).is_file() else "rsna"

    def listing(self, encoding: str) -> Listing:
        """List the images of the table of labels, then those for testing, which have none."""
        table = read_table(self.root / "stage_2_train_labels.csv", encoding)
        table.require(("patientId", *_BOX, "Target"))
        rows: dict[str, list[Mapping[str, str]]] = {}
        for row in table.rows:
            rows.setdefault(row["patientId"].strip(), []).append(row)
        normal, patients = self._normal(encoding), self._patients()
        files = {image_id: f"stage_2_train_images/{image_id}.dcm" for image_id in rows} | {
            path.stem: path.relative_to(self.root).as_posix()
            for path in sorted((self.root / "stage_2_test_images").glob("*.dcm"))
        }
        headers = read_headers([self.root / file for file in files.values()])
        settings: dict[str, Any] = {"root": str(self.root)}
        if patients is None:
            patients = {image_id: image_id for image_id in files}
            settings["shares_patients_with"] = ["nih"]
            settings["warning"] = (
                f"without {MAPPING} each image counts as a patient of its own, so one person may "
                "stand in several splits, and in an NIH corpus"
            )
        entries = [
            _entry(image_id, file, header, rows.get(image_id, []), image_id in normal, patients)
            for (image_id, file), header in zip(files.items(), headers, strict=True)
        ]
        return Listing([*entries, *table.rejections], settings | table.settings)

    def _normal(self, encoding: str) -> set[str]:
        table = read_table(self.root / "stage_2_detailed_class_info.csv", encoding)
        table.require(("patientId", "class"))
        return {row["patientId"].strip() for row in table.rows if row["class"].strip() == "Normal"}

    def _patients(self) -> dict[str, str] | None:
        path = self.root / MAPPING
        if not path.is_file():
            return None
        try:
            mapping = json.loads(path.read_text(encoding="utf-8"))
            return {row["subset_img_id"]: str(int(row["img_id"].split("_")[0])) for row in mapping}
        except (ValueError, KeyError, TypeError) as error:
            raise CorpusError(
                f"{path} is damaged; expected a list with img_id and subset_img_id of each image"
            ) from error


def _entry(
    image_id: str,
    file: str,
    header: Header | str,
    rows: Sequence[Mapping[str, str]],
    normal: bool,
    patients: Mapping[str, str],
) -> Record | Rejection:
    if isinstance(header, str):
        return Rejection(image_id, header)
    if image_id not in patients:
        return Rejection(image_id, "image is not in the mapping to NIH patients")
    boxes, labels = [], {}
    try:
        for row in rows:
            if target := normalise.label(row["Target"]):
                x, y, width, height = box_numbers(row[name] for name in _BOX)
                edges = (x, y, x + width, y + height)
                boxes.append(fraction_box("Lung Opacity", edges, header.rows, header.columns))
            labels = {"Lung Opacity": target, "Pneumonia": target, "No Finding": int(normal)}
    except CorpusError as error:
        return Rejection(image_id, str(error))
    return Record(
        image_id=image_id,
        study_id=image_id,
        patient_id=patients[image_id],
        source_path=file,
        split="train" if rows else "test",
        labels=labels,
        boxes=boxes,
        **header_fields(header),
    )
