"""Views of Open-i's images, by headers and tables."""

import gzip

import pytest

from radtex.corpus.record import Record
from radtex.corpus.sources import open_source
from radtex.corpus.sources.openi.openi_views import image_key

METADATA = "imageid,Body Part Examined,Patient Orientation,View Position,filename,\n"


def test_tables_tell_the_views_of_png_files(archive):
    (archive / "nlmcxr_dicom_metadata.csv.gz").write_bytes(
        gzip.compress(
            (
                f"{METADATA}CXR1_1_IM-0001-3001,CHEST,\"['L', 'F']\",PA,./1_IM-0001-3001.dcm,\n"
                "CXR10_IM-0002-1001,CHEST,\"['P', 'F']\",,./10_IM-0002-1001.dcm,\n"
                "CXR10_IM-0002-2001-0002,CHEST,,LL,./10_IM-0002-2001-0002.dcm,\n"
            ).encode()
        )
    )
    source = open_source("openi", root=archive)
    views = [entry.view for entry in source.listing("utf-8").entries if isinstance(entry, Record)]
    assert views == ["PA", "LATERAL", "LATERAL"]

    (archive / "indiana_projections.csv").write_text(
        "uid,filename,projection\n1,1_IM-0001-3001.dcm.png,Frontal\n"
        "10,10_IM-0002-1001.dcm.png,Frontal\n10,10_IM-0002-2001-0002.dcm.png,Lateral\n"
    )
    records = [entry for entry in source.listing("utf-8").entries if isinstance(entry, Record)]
    assert [record.view for record in records] == ["PA", "", "LATERAL"]
    assert not any(flag.startswith("view") for record in records for flag in record.flags)


@pytest.mark.parametrize(
    "name",
    [
        "CXR1_1_IM-0001-3001",
        "CXR1_1_IM-0001-3001.png",
        "1_IM-0001-3001.dcm",
        "1_IM-0001-3001.dcm.png",
    ],
)
def test_the_names_of_one_image_share_a_key(name):
    assert image_key(name) == "1_IM-0001-3001"
