"""PadChest: 16-bit PNG files in numbered folders, one table, reports in stemmed Spanish.

Bustos et al., "PadChest", Medical Image Analysis 2020. A study's labels name what its report
affirms; they were given by physicians, or by a text classifier trained on their labels.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from radtex.corpus import normalise
from radtex.corpus.record import FileSource, Listing, Record, Rejection, Texts
from radtex.corpus.tables import read_table
from radtex.errors import CorpusError

TABLE = "PADCHEST_chest_x_ray_images_labels_160K_01.02.19.csv"
_COLUMNS = ("ImageID", "ImageDir", "StudyDate_DICOM", "StudyID", "PatientID", "PatientBirth",
            "PatientSex_DICOM", "Projection", "MethodProjection", "Pediatric", "Report",
            "MethodLabel", "Labels")  # fmt: skip

STANDARD: Mapping[str, tuple[str, ...]] = {
    "No Finding": ("normal",),
    "Atelectasis": ("atelectasis", "atelectasis basal", "laminar atelectasis", "lobar atelectasis",
                    "round atelectasis", "segmental atelectasis", "total atelectasis"),
    "Cardiomegaly": ("cardiomegaly",),
    "Consolidation": ("consolidation",),
    "Edema": ("pulmonary edema",),
    "Pleural Effusion": ("pleural effusion", "loculated pleural effusion", "empyema",
                         "loculated fissural effusion", "hydropneumothorax"),
    "Pneumonia": ("pneumonia", "atypical pneumonia"),
    "Pneumothorax": ("pneumothorax", "hydropneumothorax"),
    "Support Devices": ("central venous catheter", "central venous catheter via jugular vein",
                        "central venous catheter via subclavian vein",
                        "central venous catheter via umbilical vein", "catheter",
                        "reservoir central venous catheter", "chest drain tube", "gastrostomy tube",
                        "endotracheal tube", "nsg tube", "tracheostomy tube", "nephrostomy tube",
                        "ventriculoperitoneal drain tube", "pacemaker", "dai", "electrical device",
                        "dual chamber device", "single chamber device"),
}  # fmt: skip
"""The labels, in lower case, any of which makes a finding of the usual name present."""

OWN = ("COPD signs", "air trapping", "alveolar pattern", "aortic elongation", "chronic changes",
       "costophrenic angle blunting", "emphysema", "hiatal hernia", "infiltrates",
       "interstitial pattern", "nodule", "pleural thickening", "pulmonary fibrosis",
       "pulmonary mass", "rib fracture", "scoliosis")  # fmt: skip
"""Frequent labels without a usual name, kept under their own."""

_MEANINGS = {**STANDARD, **{name: (name.casefold(),) for name in OWN}}
_LIST = re.compile(r"\[(?:'[^']*'(?:, )?)*\]")


@dataclass(frozen=True)
class PadChest(FileSource):
    """The folder that holds the table, packed or not, and the folders `0` to `50` and `54`."""

    name = "padchest"
    namespace = "padchest"
    published = True
    expects = f"{TABLE} (or .csv.gz) with the image folders 0/ … 50/ and 54/"
    origin = "BIMCV, on its terms of use: https://bimcv.cipf.es/bimcv-projects/padchest"

    def listing(self, encoding: str) -> Listing:
        """List the rows of the table."""
        table = read_table(self.first_file(TABLE, f"{TABLE}.gz"), encoding)
        table.require(_COLUMNS)
        entries = [*map(_entry, table.rows), *table.rejections]
        settings = {"root": str(self.root), "reports": "stemmed Spanish, without sections"}
        return Listing(entries, settings | table.settings)


def parse_labels(cell: str) -> set[str]:
    """Return the names in a cell such as "['normal', ' COPD signs', '']", in lower case.

    Raises:
        CorpusError: if the cell is neither such a list nor blank.
    """
    if normalise.is_unknown(cell):
        return set()
    if not _LIST.fullmatch(cell):
        raise CorpusError("labels are no list of names")
    return {name.strip().casefold() for name in re.findall("'([^']*)'", cell)} - {""}


def padchest_labels(found: set[str]) -> dict[str, int | None]:
    """Return the findings of `STANDARD` and `OWN`, each under its usual name if it has one.

    Args:
        found: the names of a study's labels, from `parse_labels`. "normal" counts only where it
            stands alone.

    Returns:
        1 if named, else 0; but blank where the report refers to an earlier one ("unchanged").
        Nothing where there are no names, and where the archive says "exclude".
    """
    if not found or "exclude" in found:
        return {}
    if found != {"normal"}:
        found = found - {"normal"}
    absent = None if "unchanged" in found else 0
    return {
        name: absent if found.isdisjoint(meanings) else 1 for name, meanings in _MEANINGS.items()
    }


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
    report = normalise.text(row["Report"])
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
        texts=Texts(findings=report, report=report),
        labels=padchest_labels(found),
        flags=tuple(flag for flag, holds in flags.items() if holds),
    )
