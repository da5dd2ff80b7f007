"""What a DICOM listener may be told."""

from typing import Any

import pytest

from radtex.errors import RadtexError
from radtex.serving.dicom.dicom_settings import DicomSettings, Peer, checked_title


@pytest.mark.parametrize(
    ("text", "peer"),
    [
        ("PACS@10.0.0.7:104", Peer("PACS", "10.0.0.7", 104)),
        ("MY PACS@pacs.example:11112", Peer("MY PACS", "pacs.example", 11112)),
        ("A@B@[::1]:104", Peer("A@B", "::1", 104)),
    ],
)
def test_peers_are_read(text: str, peer: Peer) -> None:
    assert Peer.read(text) == peer


@pytest.mark.parametrize(
    "text", ["", "PACS", "PACS@host", "@host:104", "PACS@host:0", "PACS@host:70000", "P@h:1x"]
)
def test_what_is_no_peer_is_told(text: str) -> None:
    with pytest.raises(RadtexError, match="expected AET@HOST:PORT"):
        Peer.read(text)


@pytest.mark.parametrize("title", ["", " A", "A ", "A" * 17, "A\\B", "Ä", "A\n"])
def test_what_is_no_title_is_told(title: str) -> None:
    with pytest.raises(RadtexError, match="is no AE title"):
        checked_title(title)


@pytest.mark.parametrize("title", ["A", "A B", "A" * 16, "PACS_1"])
def test_titles_are_taken(title: str) -> None:
    assert checked_title(title) == title


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"known_titles": ("A",)}, "come back as reports: say where to"),
        ({"known_titles": (), "pacs": "http://localhost"}, "name the AE titles"),
        ({"known_titles": ("A\\",), "pacs": "http://localhost"}, "is no AE title"),
    ],
)
def test_settings_that_would_serve_nobody_are_refused(told: dict[str, Any], why: str) -> None:
    with pytest.raises(RadtexError, match=why):
        DicomSettings(0, **told)
