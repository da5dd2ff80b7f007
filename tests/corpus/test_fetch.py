"""What is fetched can be built, and the list of it is right."""

import gzip
import hashlib
import importlib.util
import io
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fixtures.archives import packed
from radtex import cli
from radtex.corpus import fetch
from radtex.corpus.build import build
from radtex.corpus.downloading import RemoteFile
from radtex.corpus.fetch import PUBLIC, Item
from radtex.corpus.sources import open_source
from radtex.errors import CorpusError


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def checksum(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def film(seed: int) -> bytes:
    target = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 256, (40, 40), dtype=np.uint8)
    Image.fromarray(pixels).save(target, format="PNG")
    return target.getvalue()


NIH_TABLE = (
    "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Sex,View Position,"
    "OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y]\n"
    "00000001_000.png,Cardiomegaly,0,1,57,M,PA,2682,2749,0.143,0.143\n"
    "00000002_000.png,No Finding,0,2,80,F,PA,2500,2048,0.171,0.171\n"
)
FETCHED = {
    "Data_Entry_2017_v2020.csv": (NIH_TABLE.encode(), ""),
    "images_001.tar.gz": (packed({"images/00000001_000.png": film(1)}), "images"),
    "images_002.tar.gz": (packed({"./00000002_000.png": film(2)}), "images"),
}


class Handler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Let "nih" be a small archive on a local server; yield the folder that it serves."""
    folder = tmp_path / "published"
    folder.mkdir()
    for name, (content, _) in FETCHED.items():
        (folder / name).write_bytes(content)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        items = [
            Item(RemoteFile(name, f"{url}/{name}", len(content), checksum(content)), into)
            for name, (content, into) in FETCHED.items()
        ]
        monkeypatch.setattr(fetch, "PUBLIC", {"nih": items})
        yield folder
        server.shutdown()
        thread.join()


def test_what_was_fetched_can_be_built_and_is_not_fetched_again(published, tmp_path, monkeypatch):
    (tmp_path / "nih").mkdir()
    monkeypatch.chdir(tmp_path / "nih")
    fetch.fetch("nih", Path())
    assert names(tmp_path) == ["nih", "published"]
    records = [f"{name}.checksum" for name in FETCHED]
    assert names(tmp_path / "nih") == sorted(["Data_Entry_2017_v2020.csv", "images", *records])
    corpus = build(open_source("nih", root=tmp_path / "nih"), tmp_path / "c", size=16, workers=1)
    assert corpus.index["image_id"].tolist() == ["00000001_000.png", "00000002_000.png"]
    for file in published.iterdir():
        file.unlink()
    fetch.fetch("nih", tmp_path / "nih")


def test_an_unpacking_that_was_cut_short_is_done_again(published, tmp_path, monkeypatch):
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(fetch, "unpack", die)
        with pytest.raises(KeyboardInterrupt):
            fetch.fetch("nih", tmp_path / "nih")
    (published / "images_001.tar.gz").unlink()
    fetch.fetch("nih", tmp_path / "nih")
    assert names(tmp_path / "nih" / "images") == ["00000001_000.png", "00000002_000.png"]


@pytest.mark.parametrize(
    ("archive", "message"),
    [
        (
            "mimic-cxr-jpg",
            "fetched: openi, openi-dicom, nih; mimic-cxr-jpg is from PhysioNet.*https:",
        ),
        ("chexpert", "chexpert is from Stanford.*https://"),
        ("nonsense", "unknown archive 'nonsense'; only these can be fetched: openi"),
    ],
)
def test_of_other_archives_it_is_said_where_to_apply(tmp_path, archive, message):
    with pytest.raises(CorpusError, match=message):
        fetch.fetch(archive, tmp_path / "a")
    assert names(tmp_path) == []


def test_the_command_says_in_one_line_where_to_apply(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(sys, "argv", ["radtex", "corpus", "fetch", "vindr", str(tmp_path / "a")])
    with pytest.raises(SystemExit) as end:
        cli.main()
    printed = capsys.readouterr()
    assert (end.value.code, printed.out, printed.err.count("\n")) == (1, "", 1)
    assert "vindr is from PhysioNet" in printed.err


def test_the_list_of_files_is_well_formed():
    for archive, items in PUBLIC.items():
        assert len({item.file.url for item in items}) == len(items), archive
        for item in items:
            assert item.file.url.startswith("https://")
            assert bool(item.folder) == item.file.name.endswith((".tgz", ".tar.gz"))
            algorithm, _, digits = item.file.checksum.partition(":")
            assert len(digits) == {"": 0, "md5": 32, "sha256": 64}[algorithm]


def listed(name: str) -> RemoteFile:
    return next(i.file for items in PUBLIC.values() for i in items if i.file.name == name)


@pytest.mark.parametrize("name", ["NLMCXR_reports.tgz", "nlmcxr_dicom_metadata.csv.gz"])
def test_the_list_agrees_with_the_real_files_of_openi(real_data, name):
    content = (real_data / "openi" / name).read_bytes()
    assert listed(name).size == len(content)
    assert listed(name).checksum == checksum(content)


def test_the_list_agrees_with_the_real_tables_of_nih():
    found = importlib.util.find_spec("torchxrayvision")
    if found is None or found.origin is None:
        pytest.skip("needs the tables inside the package torchxrayvision")
    data = Path(found.origin).parent / "data"
    boxes = gzip.decompress((data / "BBox_List_2017.csv.gz").read_bytes())
    entries = gzip.decompress((data / "Data_Entry_2017_v2020.csv.gz").read_bytes())
    assert listed("BBox_List_2017.csv").checksum == checksum(boxes)
    official = entries.replace(b"Patient Gender", b"Patient Sex", 1)
    assert listed("Data_Entry_2017_v2020.csv").checksum == checksum(official)
    assert listed("Data_Entry_2017_v2020.csv").size == len(official)
