"""Films sent by pynetdicom and by dcmtk, and what comes back."""

import logging
import shutil
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import CTImageStorage, DigitalXRayImageStorageForPresentation
from pynetdicom import AE
from pynetdicom.sop_class import Verification

from fixtures.orthanc import dicom_film, noise
from radtex.errors import ImageError, RadtexError
from radtex.serving.dicom import listener as module
from radtex.serving.dicom.delivery import Delivery
from radtex.serving.dicom.dicom_settings import DicomLimits, DicomSettings
from radtex.serving.dicom.listener import BusyError, Listener

FILM = DigitalXRayImageStorageForPresentation


class Desk:
    """Reads films by writing down what came, and collects what is delivered."""

    def __init__(self) -> None:
        self.files: list[bytes] = []
        self.delivered: list[Any] = []
        self.error: Exception | None = None
        self.silent = False

    def read(self, data: bytes) -> str | None:
        self.files.append(data)
        if self.error:
            raise self.error
        return None if self.silent else str(dcmread(BytesIO(data)).SOPInstanceUID)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def start(desk: Desk) -> Iterator[Any]:
    with ExitStack() as running:

        def begin(waiting: int = 8, **limits: Any) -> Listener:
            settings = DicomSettings(
                0, ("MODALITY",), pacs="http://localhost", limits=DicomLimits(**limits)
            )
            delivery = running.enter_context(Delivery(desk.delivered.append, waiting).running())
            return running.enter_context(Listener(settings, desk.read, delivery).running())

        yield begin


def associate(port: int, calling: str = "MODALITY", called: str = "RADTEX", kind: str = FILM):
    entity = AE(ae_title=calling)
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = 20
    entity.add_requested_context(Verification)
    entity.add_requested_context(kind)
    return entity.associate("127.0.0.1", port, ae_title=called)


def store(port: int, film: Dataset, **titles: str) -> int | None:
    association = associate(port, **titles)
    assert association.is_established
    try:
        status = association.send_c_store(film).get("Status")
        return None if status is None else int(status)
    finally:
        association.release()


def until(holds: Any) -> None:
    for _ in range(400):
        if holds():
            return
        time.sleep(0.02)
    raise AssertionError("it did not come to pass")


def test_a_film_that_is_sent_is_reported(start: Any, desk: Desk, tmp_path: Path) -> None:
    listener = start()
    film = dicom_film(noise(1), 1)
    assert store(listener.port, film) == 0x0000
    until(lambda: desk.delivered)
    assert desk.delivered == ["1.2.1.1.1"]
    (data,) = desk.files
    assert dcmread(BytesIO(data)).PixelData == film.PixelData
    assert listener.counts.reported == 1
    assert not list(tmp_path.iterdir())


def test_an_echo_is_answered(start: Any) -> None:
    association = associate(start().port)
    assert association.send_c_echo().Status == 0x0000
    association.release()


@pytest.mark.parametrize("titles", [{"calling": "STRANGER"}, {"called": "OTHER"}])
def test_unknown_titles_are_refused(start: Any, desk: Desk, titles: Any, caplog) -> None:
    association = associate(start().port, **titles)
    assert association.is_rejected
    assert desk.files == []
    until(lambda: "refused an association" in caplog.text)


def test_what_is_no_film_is_not_agreed_to(start: Any) -> None:
    association = associate(start().port, kind=CTImageStorage)
    assert [each.abstract_syntax for each in association.accepted_contexts] == [Verification]
    association.release()


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ImageError("of Doe^Jane"), 0xC000),
        (KeyError("Doe^Jane"), 0xC000),
        (BusyError("full"), 0xA700),
    ],
)
def test_what_cannot_be_read_is_answered_so(
    start: Any, desk: Desk, error: Exception, status: int, caplog
) -> None:
    desk.error = error
    listener = start()
    assert store(listener.port, dicom_film(noise(1), 1)) == status
    assert listener.counts.refused == 1
    assert desk.delivered == []
    assert "Doe" not in caplog.text


def test_a_film_that_is_not_read_is_taken_without_a_report(start: Any, desk: Desk) -> None:
    desk.silent = True
    listener = start()
    assert store(listener.port, dicom_film(noise(1), 1)) == 0x0000
    assert listener.counts.left == 1
    assert desk.delivered == []


def test_more_than_a_film_breaks_the_connection(start: Any, desk: Desk) -> None:
    listener = start(film_bytes=20_000)
    assert store(listener.port, dicom_film(noise(1, 64), 1)) == 0x0000
    association = associate(listener.port)
    for number in (2, 3):  # what was answered counts no more
        status = association.send_c_store(dicom_film(noise(number, 100), number))
        assert status.Status == 0x0000
    status = association.send_c_store(dicom_film(noise(4, 200), 4))
    assert "Status" not in status
    assert len(desk.files) == 3


def test_a_length_that_nobody_could_hold_is_not_believed(start: Any) -> None:
    listener = start()
    with socket.create_connection(("127.0.0.1", listener.port), timeout=20) as peer:
        peer.sendall(struct.pack(">BBL", 1, 0, 2**32 - 1) + bytes(1000))
        assert peer.recv(100) == b""


def test_a_peer_that_says_nothing_is_let_go(start: Any) -> None:
    listener = start(film_seconds=0.3, idle_seconds=0.3)
    for sent in (b"", b"\x01\x00\x00"):
        with socket.create_connection(("127.0.0.1", listener.port), timeout=20) as peer:
            peer.sendall(sent)
            assert peer.recv(100) == b""


def test_noise_ends_its_own_connection_alone(start: Any) -> None:
    listener = start()
    for sent in (b"GET / HTTP/1.1\r\n\r\n", bytes(300), b"\x04\x00\x00\x00\x00\x06" + b"\xff" * 6):
        with socket.create_connection(("127.0.0.1", listener.port), timeout=20) as peer:
            peer.sendall(sent)
            peer.shutdown(socket.SHUT_WR)
            while peer.recv(1000):
                pass
    assert store(listener.port, dicom_film(noise(1), 1)) == 0x0000


def test_only_so_many_associations_are_held(start: Any) -> None:
    listener = start(associations=2)
    held = [associate(listener.port) for _ in range(2)]
    assert all(each.is_established for each in held)
    assert associate(listener.port).is_rejected
    for each in held:
        each.release()
    until(lambda: store(listener.port, dicom_film(noise(1), 1)) == 0x0000)


def test_a_port_that_is_taken_is_told(start: Any, desk: Desk) -> None:
    listener = start()
    settings = DicomSettings(listener.port, ("MODALITY",), pacs="http://localhost")
    with (
        pytest.raises(RadtexError, match=f"port {listener.port}: .* another --dicom-listen"),
        Listener(settings, desk.read, Delivery(print, 1)).running(),
    ):
        pass


@pytest.mark.parametrize("sent", [200, 1000, 3000, 20_000])
def test_a_sender_that_breaks_off_leaves_nothing_behind(start: Any, desk: Desk, sent: int) -> None:
    listener = start()
    with cut_off_after(sent, listener.port) as port:
        association = associate(port)
        if association.is_established:
            with suppress(RuntimeError):
                assert "Status" not in association.send_c_store(dicom_film(noise(1, 200), 1))
    assert desk.files == []
    until(lambda: not listener._server.active_associations)
    assert store(listener.port, dicom_film(noise(1), 1)) == 0x0000


def test_a_sender_that_aborts_leaves_nothing_behind(start: Any, desk: Desk) -> None:
    listener = start()
    association = associate(listener.port)
    association.abort()
    until(lambda: not listener._server.active_associations)
    assert store(listener.port, dicom_film(noise(1), 1)) == 0x0000
    assert len(desk.files) == 1


@contextmanager
def cut_off_after(count: int, port: int) -> Iterator[int]:
    """A way to a port that breaks off when it has carried so many bytes there."""

    def carry() -> None:
        client, _ = waiting.accept()
        with client, socket.create_connection(("127.0.0.1", port)) as server:
            back = threading.Thread(target=answer, args=(server, client))
            back.start()
            left = count
            while left and (block := client.recv(left)):
                server.sendall(block)
                left -= len(block)
            for each in (server, client):
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
            back.join()

    def answer(server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while block := server.recv(1 << 16):
                client.sendall(block)

    with socket.create_server(("127.0.0.1", 0)) as waiting:
        thread = threading.Thread(target=carry)
        thread.start()
        yield int(waiting.getsockname()[1])
        thread.join()


def test_a_damaged_data_set_is_answered_by_a_failure(start: Any, desk: Desk) -> None:
    desk.error = ImageError("damaged")
    film = dicom_film(noise(1), 1)
    del film.PixelData
    assert store(start().port, film) == module.NOT_UNDERSTOOD


@pytest.mark.skipif(shutil.which("storescu") is None, reason="needs dcmtk (apt: dcmtk)")
def test_dcmtk_sends_films_and_echoes(start: Any, desk: Desk, tmp_path: Path, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    listener = start()
    dicom_film(noise(1), 1).save_as(tmp_path / "film.dcm", enforce_file_format=True)
    to = ["-aet", "MODALITY", "-aec", "RADTEX", "127.0.0.1", str(listener.port)]
    subprocess.run(["echoscu", *to], check=True, timeout=60)
    subprocess.run(["storescu", *to, tmp_path / "film.dcm"], check=True, timeout=60)
    until(lambda: desk.delivered == ["1.2.1.1.1"])
    stranger = subprocess.run(
        ["echoscu", "-aet", "NOBODY", *to[2:]], capture_output=True, timeout=60, check=False
    )
    assert stranger.returncode
    assert "Doe" not in caplog.text
