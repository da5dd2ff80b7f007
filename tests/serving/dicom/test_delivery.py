"""Reports on their way: in order, again where a receiver is away, and never without a word."""

import threading
import time
from io import BytesIO
from typing import Any

import pytest
from pydicom import dcmread
from pynetdicom import AE, evt

from fixtures.orthanc import Orthanc, dicom_film, noise
from radtex.errors import PacsError, RadtexError
from radtex.serving.dicom import delivery as module
from radtex.serving.dicom.delivery import Delivery, send_by_dicom, send_by_web
from radtex.serving.dicom.dicom_settings import Peer


def test_reports_go_out_in_order_and_all_before_the_end() -> None:
    sent: list[int] = []
    with Delivery(sent.append, 100).running() as delivery:
        assert all(delivery.put(number) for number in range(50))
    assert sent == list(range(50))
    assert (delivery.delivered, delivery.lost) == (50, 0)


def test_a_receiver_that_is_away_is_tried_again(monkeypatch: pytest.MonkeyPatch, caplog) -> None:
    monkeypatch.setattr(module, "PAUSES", (0.0, 0.0))
    tries: list[Any] = []

    def send(report: Any) -> None:
        tries.append(report)
        if report == "b" or len(tries) < 3:
            raise PacsError("away")

    with Delivery(send, 5).running() as delivery:
        for report in "abc":
            delivery.put(report)
        while delivery.delivered + delivery.lost < 3:
            time.sleep(0.01)
    assert tries == ["a", "a", "a", "b", "b", "b", "c"]
    assert (delivery.delivered, delivery.lost) == (2, 1)
    assert caplog.text.count("a report could not be delivered: away") == 1


def test_an_error_nobody_thought_of_ends_neither_thread_nor_secrecy(caplog) -> None:
    def send(report: Any) -> None:
        if report == "a":
            raise KeyError("Doe^Jane")

    with Delivery(send, 5).running() as delivery:
        for report in "ab":
            delivery.put(report)
    assert (delivery.delivered, delivery.lost) == (1, 1)
    assert "KeyError" in caplog.text
    assert "Doe" not in caplog.text


def test_a_full_queue_takes_nothing() -> None:
    go_on = threading.Event()
    with Delivery(lambda _: go_on.wait(30), 1).running() as delivery:
        taken = [delivery.put(number) for number in range(9)]
        go_on.set()
    assert taken[0]
    assert not all(taken)
    assert delivery.delivered == sum(taken)


def test_a_peer_receives_by_dicom(orthanc: Orthanc) -> None:
    film = dicom_film(noise(1), 1)
    send_by_dicom(Peer("ORTHANC", "127.0.0.1", orthanc.dicom_port), "RADTEX")(film)
    (held,) = orthanc.held("DX")
    assert dcmread(BytesIO(held)).PixelData == film.PixelData


def test_a_service_receives_by_web(orthanc: Orthanc) -> None:
    send_by_web(orthanc.url)(dicom_film(noise(1), 1))
    assert len(orthanc.held("DX")) == 1


def test_a_peer_that_is_not_there_is_told() -> None:
    with pytest.raises(PacsError, match=r"PACS at 127\.0\.0\.1:9 cannot be reached, or refuses"):
        send_by_dicom(Peer("PACS", "127.0.0.1", 9), "RADTEX")(dicom_film(noise(1), 1))


@pytest.mark.parametrize(("status", "kept"), [(0x0000, True), (0xB000, True), (0xA700, False)])
def test_only_a_failure_is_one(status: int, kept: bool) -> None:
    entity = AE(ae_title="PACS")
    film = dicom_film(noise(1), 1)
    entity.add_supported_context(film.SOPClassUID)
    handlers = [(evt.EVT_C_STORE, lambda _: status)]
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
    send = send_by_dicom(Peer("PACS", "127.0.0.1", server.server_address[1]), "RADTEX")
    try:
        if kept:
            send(film)
        else:
            with pytest.raises(PacsError, match="did not keep a report: it answers 0xA700"):
                send(film)
    finally:
        entity.shutdown()


def test_a_peer_that_knows_no_reports_is_told() -> None:
    entity = AE(ae_title="PACS")
    entity.add_supported_context("1.2.840.10008.1.1")
    server = entity.start_server(("127.0.0.1", 0), block=False)
    send = send_by_dicom(Peer("PACS", "127.0.0.1", server.server_address[1]), "RADTEX")
    try:
        with pytest.raises(PacsError, match=r"takes no reports of this kind|cannot be reached"):
            send(dicom_film(noise(1), 1))
    finally:
        entity.shutdown()


def test_without_pynetdicom_the_line_says_what_to_install(monkeypatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pynetdicom", None)
    with pytest.raises(RadtexError, match=r"pip install 'radtex\[serve\]'"):
        send_by_dicom(Peer("PACS", "127.0.0.1", 9), "RADTEX")
