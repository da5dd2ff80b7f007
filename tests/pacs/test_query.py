"""What may be asked for."""

import pytest

from radtex.errors import PacsError
from radtex.pacs.query import Query


def test_entries_go_to_studies_or_series() -> None:
    read = Query.read(["Modality=DX", "StudyDate=20240101-20241231", "SeriesDescription=PA = AP"])
    assert read.of_studies == {"StudyDate": "20240101-20241231"}
    assert read.of_series == {"Modality": "DX", "SeriesDescription": "PA = AP"}


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        (["modality=DX"], "no attribute to ask for"),
        (["ViewPosition=PA"], "no attribute to ask for"),
        (["DX"], "no attribute to ask for"),
        (["Modality"], "has no value"),
        (["Modality="], "has no value"),
        (["Modality=D\nX"], "has no value"),
        (["Modality=DX", "Modality=CR"], "twice"),
    ],
)
def test_what_cannot_be_asked_is_told(entries: list[str], why: str) -> None:
    with pytest.raises(PacsError, match=why):
        Query.read(entries)
