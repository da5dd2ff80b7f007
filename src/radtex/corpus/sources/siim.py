"""SIIM-ACR Pneumothorax Segmentation 2019, its first stage or its second.

Masks become one box around all of them. The images are NIH's, but no map to NIH's patients was
published.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from radtex.corpus.boxes import fraction_box, mask_edges
from radtex.corpus.headers import header_fields, read_headers
from radtex.corpus.record import FileSource, Listing, Record, Rejection
from radtex.corpus.tables import read_table
from radtex.errors import CorpusError
from radtex.images.header import Header
from radtex.walking import walk

TABLES = ("stage_2_train.csv", "train-rle.csv")
"""The first that is there is read; that of the second stage labels the first's test images too."""

NO_MASK = "-1"


@dataclass(frozen=True)
class SIIM(FileSource):
    """The folder that holds a table, and the images in folders of any depth."""

    name = "siim"
    namespace = "siim"
    published = True
    expects = (
        "train-rle.csv with dicom-images-train/ and dicom-images-test/, or stage_2_train.csv with "
        "these and stage_2_images/"
    )
    origin = (
        "Kaggle, under the rules of the challenge: "
        "https://www.kaggle.com/c/siim-acr-pneumothorax-segmentation"
    )

    def listing(self, encoding: str) -> Listing:
        """List the images of the table of masks, then those without a row in it."""
        table = read_table(self.first_file(*TABLES), encoding)
        table.require(("ImageId", "EncodedPixels"))
        masks: dict[str, list[str]] = {}
        for row in table.rows:
            masks.setdefault(row["ImageId"].strip(), []).append(row["EncodedPixels"].strip())
        found = {
            path.stem: path.as_posix() for path in walk(self.root).files if path.suffix == ".dcm"
        }
        files = {image_id: f"{image_id}.dcm" for image_id in masks} | found
        headers = read_headers([self.root / file for file in files.values()])
        entries = [
            _entry(image_id, file, header, masks.get(image_id, ()))
            for (image_id, file), header in zip(files.items(), headers, strict=True)
        ]
        settings = {
            "root": str(self.root),
            "table": table.path.name,
            "shares_patients_with": ["nih"],
            "warning": "patient ids do not lead to NIH's, whose images these are: compare no "
            "encoder here that was trained on NIH's",
        }
        return Listing([*entries, *table.rejections], settings | table.settings)


def _entry(
    image_id: str, file: str, header: Header | str, masks: Sequence[str]
) -> Record | Rejection:
    if isinstance(header, str):
        return Rejection(image_id, header)
    drawn = [mask for mask in masks if mask != NO_MASK]
    try:
        boxes = [_box(drawn, header)] if drawn else []
    except CorpusError as error:
        return Rejection(image_id, str(error))
    return Record(
        image_id=image_id,
        study_id=header.study_uid or image_id,
        patient_id=header.patient_id or image_id,
        source_path=file,
        split="train" if masks else "test",
        labels={"Pneumothorax": int(bool(drawn))} if masks else {},
        boxes=boxes,
        **header_fields(header),
    )


def _box(masks: Sequence[str], header: Header) -> dict[str, str | float]:
    edges = mask_edges(masks, header.rows)
    return fraction_box("Pneumothorax", edges, header.rows, header.columns)
