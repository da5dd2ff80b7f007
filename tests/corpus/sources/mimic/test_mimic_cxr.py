"""MIMIC-CXR: a list of records, and headers."""

from fixtures.archives import counted
from fixtures.mimic import PATIENTS, by_image, listing, write_label_tables, write_table
from radtex.corpus.build import build
from radtex.corpus.record import Record
from radtex.corpus.sources import open_source


def test_the_dicom_release_takes_views_and_dates_from_headers(dicom, report_folder, tmp_path):
    write_label_tables(dicom)
    patients = write_table(
        tmp_path / "patients.csv.gz", PATIENTS, ["10000032,F,52,2180,2014 - 2016,"]
    )
    corpus = build(
        open_source("mimic-cxr", root=dicom, patients=patients),
        tmp_path / "out",
        size=16,
        workers=1,
        split="official",
        reports=report_folder,
    )
    index = corpus.index.set_index("study_id")
    assert list(index.index) == ["50414267", "53189527", "55368167"]
    assert index["view"].tolist() == ["PA", "", "PA"]
    assert index.loc["50414267", "age"] == 52
    assert index.loc["55368167", "split"] == "test"
    assert index.loc["53189527", "label.Lung Opacity"] == 1
    assert corpus.info["options"]["intensity"] == "window"
    flow = counted(corpus)
    assert flow["view is lateral"] == 2
    assert flow["image file is missing or may not be read"] == 1
    assert flow["view not stated"] == 1
    assert flow["kept"] == 3


def test_both_releases_name_images_studies_patients_and_splits_alike(jpg, dicom, report_folder):
    write_label_tables(dicom)
    report_folder.rename(dicom / report_folder.name)
    (jpg / report_folder.name).symlink_to(dicom / report_folder.name)
    of_jpg = by_image(listing(jpg).entries)
    found = listing(dicom, "mimic-cxr").entries
    of_dicom = by_image([entry for entry in found if isinstance(entry, Record)])
    assert of_jpg.keys() - of_dicom.keys() == {"e084"}
    for name, record in of_dicom.items():
        for field in ("image_id", "study_id", "patient_id", "split", "labels", "texts", "view"):
            assert getattr(record, field) == getattr(of_jpg[name], field)
