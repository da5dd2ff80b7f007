"""PadChest: 16-bit PNG files in numbered folders, one table, reports in stemmed Spanish.

Bustos et al., "PadChest", Medical Image Analysis 2020. A study's labels name what its report
affirms; they were given by physicians, or by a text classifier trained on their labels.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from radtex.corpus import normalise
from radtex.corpus.record import FileSource, Listing, Record, Rejection
from radtex.corpus.sources.padchest_labels import padchest_labels, parse_labels
from radtex.corpus.tables import read_table
from radtex.errors import CorpusError

TABLE = "PADCHEST_chest_x_ray_images_labels_160K_01.02.19.csv"
_COLUMNS = ("ImageID", "ImageDir", "StudyDate_DICOM", "StudyID", "PatientID", "PatientBirth",
            "PatientSex_DICOM", "Projection", "MethodProjection", "Pediatric", "Report",
            "MethodLabel", "Labels")  # fmt: skip


@dataclass(frozen=True)
class PadChest(FileSource):
    """The folder that holds the table, packed or not, and the folders `0` to `50` and `54`."""

    name = "padchest"
    namespace = "padchest"
    expects = f"{TABLE} (or .csv.gz) with the image folders 0/ … 50/ and 54/"
    origin = "BIMCV, on its terms of use: https://bimcv.cipf.es/bimcv-projects/padchest"

    def listing(self, encoding: str) -> Listing:
        table = read_table(self.first_file(TABLE, f"{TABLE}.gz"), encoding)
        table.require(_COLUMNS)
        entries = [*map(_entry, table.rows), *table.rejections]
        settings = {"root": str(self.root), "reports": "stemmed Spanish, without sections"}
        return Listing(entries, settings)


def _entry(row: Mapping[str, str]) -> Record | Rejection:
    image_id, patient = row["ImageID"].strip(), row["PatientID"].strip()
    if not patient.isdecimal():
        return Rejection(image_id, "patient id is no number")
    if row["Projection"] == "EXCLUDE":
        return Rejection(image_id, "archive excludes the image from any projection", wrong=False)
    try:
        found = parse_labels(row["Labels"])
    except CorpusError as error:
        return Rejection(image_id, str(error))
    report = "" if normalise.is_unknown(row["Report"]) else row["Report"].strip()
    born, taken = row["PatientBirth"].removesuffix(".0"), row["StudyDate_DICOM"][:4]
    age = str(int(taken) - int(born)) if born.isdecimal() and taken.isdecimal() else born
    flags = {
        "age not readable": bool(normalise.age_flags(age)),
        "filmed by the protocol for children": row["Pediatric"] == "PED",
        "view from a classifier": row["MethodProjection"].startswith("resnet"),
        "labels from a text classifier": row["MethodLabel"] == "RNN_model",
        "labels: excluded by the archive": "exclude" in found,
        "labels: refer to an earlier report": "unchanged" in found,
    }
    return Record(
        image_id=image_id,
        study_id=row["StudyID"].strip() or image_id,
        patient_id=patient,
        source_path=f"{row['ImageDir'].strip()}/{image_id}",
        view=normalise.view(row["Projection"]),
        age=normalise.age(age),
        sex=normalise.sex(row["PatientSex_DICOM"]),
        findings=report,
        report=report,
        labels=padchest_labels(found),
        flags=tuple(flag for flag, holds in flags.items() if holds),
    )
