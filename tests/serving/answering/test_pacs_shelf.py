"""What a PACS is asked for, what it tells, and what is said when it does not."""

import asyncio
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from radtex.errors import PacsAnswerError, PacsError
from radtex.pacs import Pacs
from radtex.serving.answering import pacs_shelf as module
from radtex.serving.answering.pacs_shelf import MOST, PacsShelf, Search
from radtex.serving.problems import ProblemError


def told(uid: str, day: str = "20240301", **more: list[object]) -> dict[str, Any]:
    elements = {"0020000D": [uid], "00080020": [day], "00100020": ["p1"]} | more
    return {tag: {"Value": values} for tag, values in elements.items()}


def shelf(monkeypatch: pytest.MonkeyPatch, answer: Callable[..., Any]) -> PacsShelf:
    monkeypatch.setattr(Pacs, "some_studies", lambda _, asked, most: answer(asked, most))
    return PacsShelf("http://localhost/dicom-web")


def test_a_search_asks_once_for_each_kind_of_radiograph() -> None:
    queries = Search(patient=" p1 ", first=date(2024, 3, 1)).queries()
    assert [each.pop("ModalitiesInStudy") for each in queries] == ["CR", "DX", "DR"]
    assert queries == [{"PatientID": "p1", "StudyDate": "20240301-"}] * 3
    days = Search(last=date(2024, 3, 9), modality="DX").queries()
    assert days == [{"StudyDate": "-20240309", "ModalitiesInStudy": "DX"}]
    assert Search(accession="A1", modality="CR").queries() == [
        {"AccessionNumber": "A1", "ModalitiesInStudy": "CR"}
    ]


def test_studies_are_told_once_and_the_newest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [
        told("1.1", "20230101", **{"00080061": ["DX", "SR"], "00201208": [3]}),
        told("1.2", "20240301", **{"00081030": ["Chest"], "00201208": ["many"]}),
        told("1.3", "in May"),
    ]
    studies, more = asyncio.run(shelf(monkeypatch, lambda *_: both).studies(Search()))
    assert [each.uid for each in studies] == ["1.2", "1.1", "1.3"]
    assert not more
    assert [each.day for each in studies] == ["2024-03-01", "2023-01-01", ""]
    assert [each.images for each in studies] == [None, 3, None]
    assert studies[1].modalities == ("DX", "SR")
    assert studies[0].description == "Chest"


def test_of_too_many_some_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    many = shelf(monkeypatch, lambda _, most: [told(f"1.{n}") for n in range(most)])
    studies, more = asyncio.run(many.studies(Search(modality="CR")))
    assert (len(studies), more) == (MOST, True)


def hang(*_: object) -> None:
    import time

    time.sleep(0.3)


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (PacsError("http://pacs refuses access"), "pacs-away", "cannot be reached"),
        (PacsAnswerError("the PACS answers 404"), "pacs-answer", "search again"),
        (None, "pacs-slow", "did not answer within"),
    ],
)
def test_what_goes_wrong_is_a_sentence_without_an_address(
    monkeypatch: pytest.MonkeyPatch, error: Exception | None, kind: str, said: str
) -> None:
    def answer(*words: object) -> None:
        if error:
            raise error
        hang(*words)

    monkeypatch.setattr(module, "_SECONDS", 0.05)
    with pytest.raises(ProblemError) as found:
        asyncio.run(shelf(monkeypatch, answer).studies(Search()))
    assert found.value.kind == kind
    assert said in found.value.detail
    assert "http" not in found.value.detail
    assert found.value.status in (502, 504)
