"""The roles that the columns of a table play."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from radtex.corpus import normalise
from radtex.corpus.record import Texts
from radtex.corpus.report_texts import amended, report_texts
from radtex.reports.addenda import split_addenda

COLUMN_NAMES: Mapping[str, tuple[str, ...]] = {
    "image": ("image", "image_path", "path", "path_to_image", "file", "file_name", "file_path",
              "image_file", "img", "img_path", "image_id", "pfad", "dateipfad", "dateiname",
              "datei", "bild", "ruta", "archivo", "imagen"),
    "image_id": ("image_id", "image_index", "dicom_id", "img_id", "sop_instance_uid"),
    "study_id": ("study_id", "study", "exam_id", "study_instance_uid", "study_uid"),
    "accession": ("accession_number", "accession", "accession_no", "accession_num",
                  "accession_nr", "accession_id", "acc_no", "acc_num", "acc_nr", "acc_number",
                  "acc_id", "acc", "exam_number", "exam_no", "exam_nr", "order_number", "order_no",
                  "request_number", "study_number", "auftragsnummer", "auftragsnr",
                  "untersuchungsnummer", "anforderungsnummer", "numero_de_acceso"),
    "patient_id": ("patient_id", "patient", "subject_id", "subject", "deid_patient_id", "pid",
                   "patient_number", "patient_no", "patient_nr", "patient_num", "patient_code",
                   "pat_id", "pat_no", "pat_nr", "mrn", "mrn_no", "medical_record_number",
                   "hospital_number", "hospital_no", "patienten_id", "patienten_nr",
                   "patientennummer", "id_paciente", "id_patient", "numero_de_historia", "nhc"),
    "view": ("view", "view_position", "projection", "ap_pa", "projektion", "proyeccion"),
    "age": ("age", "patient_age", "age_years", "alter", "edad"),
    "sex": ("sex", "gender", "patient_sex", "patient_gender", "geschlecht", "sexo", "sexe"),
    "split": ("split", "subset", "partition"),
    "indication": ("indication", "section_indication", "clinical_history", "history",
                   "fragestellung", "indikation"),
    "findings": ("findings", "section_findings"),
    "impression": ("impression", "section_impression", "conclusion", "beurteilung"),
    "report": ("report", "report_text", "text", "note", "notes", "clinical_notes",
               "radiology_report", "befund", "befundtext", "informe", "compte_rendu"),
}  # fmt: skip
"""The usual names of a column in each role, the likeliest first."""


@dataclass(frozen=True)
class Columns:
    """The column that plays each role; None if there is none, or if its name is to be guessed."""

    image: str | None = None
    """Column of the paths of image files."""
    image_id: str | None = None
    """Column of image ids."""
    study_id: str | None = None
    """Column of study ids."""
    accession: str | None = None
    """Column of accession numbers, a hospital's numbers of studies."""
    patient_id: str | None = None
    """Column of patient ids."""
    view: str | None = None
    """Column of views, such as PA."""
    age: str | None = None
    """Column of ages."""
    sex: str | None = None
    """Column of sexes."""
    split: str | None = None
    """Column of official splits."""
    indication: str | None = None
    """Column of indications."""
    findings: str | None = None
    """Column of findings."""
    impression: str | None = None
    """Column of impressions."""
    report: str | None = None
    """Column of whole reports, or of text without sections."""

    @property
    def named(self) -> dict[str, str]:
        """The column of each role that has one."""
        return {role: column for role, column in vars(self).items() if column is not None}

    def within(self, header: Collection[str]) -> "Columns":
        """Return the roles of those columns that a table has."""
        return Columns(**{role: name for role, name in self.named.items() if name in header})

    def texts(self, row: Mapping[str, str]) -> Texts:
        """Return the texts of a row.

        A report without columns for its findings and impression is split by `report_texts`. One
        beside a column of impressions alone gives the findings. Addenda of a report end the texts
        of such columns, unless these hold them already. Cells such as "nan", "NULL", "N/A"
        and "-" are blank.
        """
        indication, findings, impression, report = (
            "" if column is None else normalise.text(row[column])
            for column in (self.indication, self.findings, self.impression, self.report)
        )
        if not findings and not impression:
            texts = report_texts(report)
            return replace(texts, indication=indication or texts.indication)
        if self.findings is None:
            findings = split_addenda(report_texts(report).findings, "")[0]
        findings, impression = amended(findings, impression, report)
        return Texts(indication=indication, findings=findings, impression=impression, report=report)


def plain_name(name: str) -> str:
    """Return a column's name without case, accents, spaces and "_"."""
    return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKD", name.casefold()))
