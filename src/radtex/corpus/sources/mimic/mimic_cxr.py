"""MIMIC-CXR 2.x as it is shipped: a list of records at the root, DICOM files below `files/`."""

from dataclasses import dataclass

from radtex.corpus.headers import header_flags, header_view, read_headers
from radtex.corpus.record import Rejection
from radtex.corpus.sources.mimic.mimic_source import PREFIX, MIMICImage, MIMICSource
from radtex.corpus.tables import read_table
from radtex.errors import CorpusError

RECORDS = "cxr-record-list"


@dataclass(frozen=True)
class MIMICCXR(MIMICSource):
    """The folder that holds `files/` and the list. View and date are read from each header."""

    name = "mimic-cxr"
    expects = (
        f"files/ with {RECORDS}.csv.gz; mimic-cxr-reports.zip there or by --reports; "
        f"for labels and official splits, {PREFIX}chexpert.csv.gz and -split of MIMIC-CXR-JPG"
    )
    origin = "PhysioNet, credentialed: https://physionet.org/content/mimic-cxr/"

    def images(self, encoding: str) -> list[MIMICImage | Rejection]:
        """Return the rows of the list, with what each header says."""
        file = self.find_table(RECORDS)
        if file is None:
            raise CorpusError(f"{self.root} is no MIMIC-CXR archive: it holds no {RECORDS}.csv.gz")
        table = read_table(file, encoding)
        table.require(["subject_id", "study_id", "dicom_id", "path"])
        headers = read_headers([self.root / row["path"] for row in table.rows])
        images: list[MIMICImage | Rejection] = []
        for row, header in zip(table.rows, headers, strict=True):
            if isinstance(header, str):
                images.append(Rejection(row["dicom_id"], header))
                continue
            images.append(
                MIMICImage(
                    dicom_id=row["dicom_id"],
                    study_id=row["study_id"],
                    subject_id=row["subject_id"],
                    path=row["path"],
                    view=header_view(header),
                    study_date=header.study_date,
                    flags=header_flags(header),
                )
            )
        return [*images, *table.rejections]
