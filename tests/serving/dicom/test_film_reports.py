"""Films that are sent come back as structured reports, by the models of a real server."""

import logging
import random
import time
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian
from pynetdicom import AE
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.dsutils import encode

from fixtures.orthanc import Orthanc, dicom_film, noise
from fixtures.serving import LIMITS, running, server_of
from radtex.classifiers.predict import predict
from radtex.corpus.corpus import Corpus
from radtex.errors import ImageError, RadtexError
from radtex.serving.dicom.dicom_settings import DicomSettings, Peer
from radtex.serving.dicom.film_reports import FilmReports, dicom_service
from radtex.serving.dicom.listener import BusyError
from radtex.serving.server import Server
from radtex.serving.settings import ServeSettings


@pytest.fixture
def pixels(kept: Path) -> Any:
    corpus = Corpus.open(kept / "corpus")
    return corpus.images[corpus.rows("test")[0]]


def encoded(film: Dataset) -> bytes:
    file = BytesIO()
    film.save_as(file, enforce_file_format=True)
    return file.getvalue()


def send(port: int, film: Dataset) -> int:
    entity = AE(ae_title="MODALITY")
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = 60
    entity.add_requested_context(film.SOPClassUID)
    association = entity.associate("127.0.0.1", port, ae_title="RADTEX")
    assert association.is_established
    try:
        return int(association.send_c_store(film).Status)
    finally:
        association.release()


def held_reports(peer: Orthanc, count: int) -> list[Dataset]:
    for _ in range(600):
        found = peer.held("SR")
        if len(found) >= count:
            break
        time.sleep(0.1)
    return [dcmread(BytesIO(each)) for each in found]


def test_a_film_that_is_sent_comes_back_as_the_report_of_predict(
    orthanc: Orthanc, kept: Path, pixels: Any, tmp_path: Path
) -> None:
    film = dicom_film(pixels, 1)
    settings = ServeSettings((kept / "classifier",), limits=LIMITS)
    peer = Peer("ORTHANC", "127.0.0.1", orthanc.dicom_port)
    with (
        running(settings) as client,
        dicom_service(server_of(client), DicomSettings(0, ("MODALITY",), peer=peer)) as listener,
    ):
        assert send(listener.port, film) == 0x0000
        assert send(listener.port, dicom_film(pixels, 2, ViewPosition="LL")) == 0x0000
        assert send(listener.port, dicom_film(pixels, 3, PixelData=b"\0" * 8)) == 0xC000
        assert send(listener.port, dicom_film(noise(1), 4, StudyInstanceUID="")) == 0xC000
        (report,) = held_reports(orthanc, 1)
        counts = listener.counts
        assert (counts.reported, counts.left, counts.refused) == (1, 1, 2)
        assert not logging.getLogger("pydicom").isEnabledFor(logging.CRITICAL)
    assert logging.getLogger("pydicom").isEnabledFor(logging.ERROR)
    film.save_as(tmp_path / "film.dcm", enforce_file_format=True)
    predict(kept / "classifier", [str(tmp_path / "film.dcm")], dicom_sr=tmp_path / "sr")
    (file,) = (tmp_path / "sr").iterdir()
    expected = dcmread(file)
    assert report.SOPInstanceUID == expected.SOPInstanceUID  # of the same words
    assert report.StudyInstanceUID == "1.2.1"


def test_reports_may_go_to_a_service_on_the_web(orthanc: Orthanc, kept: Path, pixels: Any) -> None:
    settings = ServeSettings((kept / "classifier",), limits=LIMITS)
    with (
        running(settings) as client,
        dicom_service(
            server_of(client), DicomSettings(0, ("MODALITY",), pacs=orthanc.url)
        ) as listener,
    ):
        assert send(listener.port, dicom_film(pixels, 1)) == 0x0000
        assert len(held_reports(orthanc, 1)) == 1


@pytest.mark.parametrize("count", [4, pytest.param(300, marks=pytest.mark.soak)])
def test_data_sets_that_are_none_are_answered_and_the_next_film_is_read(
    kept: Path,
    pixels: Any,
    count: int,
    caplog: pytest.LogCaptureFixture,
    recwarn: pytest.WarningsRecorder,
) -> None:
    caplog.set_level("DEBUG")
    rng = random.Random(3)
    whole = encode(dicom_film(pixels, 1), False, True)
    assert whole is not None
    with (
        running(ServeSettings((kept / "classifier",), limits=LIMITS)) as client,
        dicom_service(
            server_of(client), DicomSettings(0, ("MODALITY",), pacs="http://127.0.0.1:9")
        ) as listener,
    ):
        for number in range(count):
            place = rng.randrange(len(whole))
            damaged = (
                rng.randbytes(rng.randrange(2000)),
                whole[:place],
                whole[:place] + rng.randbytes(8) + whole[place + 8 :],
                whole.replace(b"1.2.1", b"Doe^J"),
            )[number % 4]
            assert send_bytes(listener.port, damaged) in (0x0000, 0xA700, 0xC000)
        assert listener.counts.refused >= count / 4
        assert send(listener.port, dicom_film(pixels, 1)) in (0x0000, 0xA700)
    assert "Doe" not in caplog.text
    assert not [each for each in recwarn if "Doe" in str(each.message)]


def send_bytes(port: int, data_set: bytes) -> int:
    """Send what need not be a data set; the status that is answered."""
    entity = AE(ae_title="MODALITY")
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = 60
    entity.add_requested_context(DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian)
    association = entity.associate("127.0.0.1", port, ae_title="RADTEX")
    assert association.is_established
    request = C_STORE()
    request.MessageID, request.Priority = 1, 2
    request.AffectedSOPClassUID = DigitalXRayImageStorageForPresentation
    request.AffectedSOPInstanceUID = "1.2.1.1.1"
    request.DataSet = BytesIO(data_set)
    try:
        association._reactor_checkpoint.clear()
        association.dimse.send_msg(request, association.accepted_contexts[0].context_id)
        _, answer = association.dimse.get_msg(block=True)
        association._reactor_checkpoint.set()
        assert answer is not None
        return int(answer.Status)
    finally:
        association.abort()


def test_a_server_that_is_busy_or_not_running_says_so(kept: Path, pixels: Any) -> None:
    settings = ServeSettings((kept / "classifier",), limits=LIMITS)
    data = encoded(dicom_film(pixels, 1))
    with pytest.raises(BusyError, match="not running"):
        FilmReports(Server(settings)).read(data)
    with running(settings) as client:
        server = server_of(client)
        reports = FilmReports(server)
        assert reports.read(data).StudyInstanceUID == "1.2.1"
        server.admission._most = 0
        with pytest.raises(BusyError, match="already"):
            reports.read(data)
        server.admission._most = 9
        with pytest.raises(ImageError):
            reports.read(b"no film")


def test_a_run_alone_makes_no_reports_of_findings(writing_run: Path) -> None:
    server = Server(ServeSettings((writing_run,), limits=LIMITS))
    dicom = DicomSettings(0, ("MODALITY",), pacs="http://localhost")
    with pytest.raises(RadtexError, match="serve a classifier, too"), dicom_service(server, dicom):
        pass
