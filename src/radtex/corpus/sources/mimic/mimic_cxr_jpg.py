"""MIMIC-CXR-JPG 2.x as it is shipped: tables at the root, JPEG files below `files/`."""

from collections.abc import Mapping
from dataclasses import dataclass

from radtex.corpus import normalise
from radtex.corpus.record import Rejection
from radtex.corpus.sources.mimic.mimic_source import PREFIX, MIMICImage, MIMICSource
from radtex.corpus.tables import read_table
from radtex.errors import CorpusError

_COLUMNS = ("dicom_id", "subject_id", "study_id", "ViewPosition", "StudyDate")


@dataclass(frozen=True)
class MIMICCXRJPG(MIMICSource):
    """The folder that holds `files/` and the tables, packed or not."""

    name = "mimic-cxr-jpg"
    equalized = True
    expects = (
        f"files/ with {PREFIX}metadata.csv.gz, -split, -chexpert (or -negbio); "
        "mimic-cxr-reports.zip there or by --reports"
    )
    origin = "PhysioNet, credentialed: https://physionet.org/content/mimic-cxr-jpg/"

    def images(self, encoding: str) -> list[MIMICImage | Rejection]:
        """Return the rows of the table of metadata."""
        file = self.find_table(f"{PREFIX}metadata")
        if file is None:
            raise CorpusError(
                f"{self.root} is no MIMIC-CXR-JPG archive: it holds no {PREFIX}metadata.csv.gz"
            )
        table = read_table(file, encoding, _COLUMNS)
        table.require(_COLUMNS)
        return [*map(_image, table.rows), *table.rejections]


def _image(row: Mapping[str, str]) -> MIMICImage:
    image, subject, study = (row[name].strip() for name in ("dicom_id", "subject_id", "study_id"))
    return MIMICImage(
        dicom_id=image,
        study_id=study,
        subject_id=subject,
        path=f"files/p{subject[:2]}/p{subject}/s{study}/{image}.jpg",
        view=normalise.view(row["ViewPosition"]),
        study_date=row["StudyDate"].strip(),
    )
