"""The labelling page, by keys, in Debian's chromium, against a server that is killed midway."""

import csv
import io
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from fixtures.browser import PHONE, opened, take_picture
from fixtures.orthanc import free_port
from fixtures.real_server import is_ready, served_over_http
from fixtures.serving import LIMITS, wait_until
from radtex.corpus.corpus import Corpus
from radtex.serving.settings import ServeSettings

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright")

TARGETS = ("Mass", "Rickets", "Gout")


@contextmanager
def serving(run: Path, corpus: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Serve a corpus to be labelled, until the block ends or the process is killed."""
    words = [
        "serve",
        run,
        "--corpus",
        corpus,
        "--label",
        "--targets",
        *TARGETS,
        "--token",
        "sesame",
    ]
    command = [sys.executable, "-m", "radtex", *map(str, words), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            wait_until(lambda: process.poll() is not None or is_ready(address), 600)
            assert process.poll() is None
            yield process
        finally:
            process.kill()


@contextmanager
def labelling(browser: Any, port: int, reader: str, **context: Any) -> Iterator[Any]:
    """Open the page, and give the reader's name by keys alone."""
    with opened(browser, f"http://127.0.0.1:{port}/label#token=sesame", **context) as page:
        page.keyboard.type(reader)
        page.keyboard.press("Enter")
        shown(page)
        yield page


def shown(page, other_than: str = "") -> str:
    """Wait for a film, another than the one before, and return its number."""
    page.wait_for_selector(
        f"#view[data-film]:not([data-film='{other_than or -1}'])", timeout=60_000
    )
    return page.get_attribute("#view", "data-film")


def pressed(page, target: str):
    """Return the answer of a finding that is pressed, as a locator."""
    return page.locator(f".finding[data-target='{target}'] button[aria-pressed='true']")


def state(page, target: str) -> list[str]:
    return pressed(page, target).all_inner_texts()


def label(page) -> str:
    """Label one film: the first present, the second uncertain, all others absent; go on."""
    film = shown(page)
    for key in ("1", "2", "2", "2", "a"):
        page.keyboard.press(key)
    page.keyboard.press("Space")
    return film


def rows(port: int) -> list[dict[str, str]]:
    bearer = {"authorization": "Bearer sesame"}
    table = httpx.get(f"http://127.0.0.1:{port}/v1/labels.csv", headers=bearer, timeout=60)
    return list(csv.DictReader(io.StringIO(table.text)))


def test_twenty_films_by_keys_though_the_server_is_killed(
    chromium: Any, writing_run: Path, phantom_corpus: Corpus, tmp_path: Path
) -> None:
    corpus = tmp_path / "corpus"
    shutil.copytree(phantom_corpus.path, corpus)
    port = free_port()
    image_ids = phantom_corpus.index["image_id"]
    films: list[str] = []
    expect = sync_api.expect
    with ExitStack() as pages:
        with serving(writing_run, corpus, port) as server:
            page = pages.enter_context(labelling(chromium, port, "Ann"))
            for _ in range(9):
                films.append(label(page))
                shown(page, films[-1])
            # Undo brings the film before back, as it was when it was left.
            now = shown(page)
            page.keyboard.press("u")
            assert shown(page, now) == films[-1]
            assert state(page, "Rickets") == ["Uncertain"]
            assert state(page, "Gout") == ["Absent"]
            page.keyboard.press("u")
            expect(pressed(page, "Gout")).to_have_count(0)
            shown(page)
            page.keyboard.press("a")
            page.keyboard.press("Space")
            films.append(shown(page, films[-1]))
            # The report is there when it is asked for alone, and it is kept that it was.
            assert page.locator("#report").inner_text() == ""
            page.keyboard.press("r")
            page.wait_for_selector("#report:not([hidden])")
            assert page.locator("#report").inner_text() != ""
            page.keyboard.press("r")
            expect(page.locator("#said")).to_have_text(f"Report of film {films[-1]} read. Saved.")
            take_picture(page, "label-desktop-light.png")
            server.kill()
            server.wait()
            page.keyboard.press("1")
            page.wait_for_selector("#unsaved:not([hidden])")
            assert "NOT saved" in page.locator("#unsaved").inner_text()
            assert "cannot be reached" in page.locator("#unsaved").inner_text()
            for key in ("2", "2", "2", "a", "Space"):
                page.keyboard.press(key)
            page.click("#retry")
            assert "answers wait" in page.locator("#unsaved").inner_text()
        # Another process would do the same, and take its time to start.
        again = ServeSettings(
            (writing_run,),
            corpus=corpus,
            label=True,
            targets=TARGETS,
            token="sesame",
            limits=LIMITS,
        )
        with served_over_http(again, port):
            shown(page, films[-1])  # what waited is sent again by itself
            assert page.locator("#unsaved").is_hidden()
            second = pages.enter_context(labelling(chromium, port, "Bob", **PHONE))
            assert state(second, "Mass") == []
            for _ in range(10):
                films.append(label(page))
                shown(page, films[-1])
                if len(films) < 14:
                    shown(second, label(second))
            take_picture(second, "label-phone-dark.png")
            expect(page.locator("#plan-sentence")).to_have_text(re.compile(".{12,}"))
            expect(page.locator("#progress")).to_contain_text("20 films done")
            expect(page.locator("#progress")).to_contain_text("s per film (median)")
            expect(page.locator("#progress")).to_contain_text("1 other reader")
            found = rows(port)
    assert len(set(films)) == 20
    own = [row for row in found if row["reader"] == "Ann"]
    assert sorted(row["image_id"] for row in own) == sorted(image_ids[int(film)] for film in films)
    assert {(row["Mass"], row["Rickets"], row["Gout"]) for row in found} == {("1", "-1", "0")}
    assert [row["reader"] for row in found].count("Bob") == 3
    assert {row["reader"] for row in found} == {"Ann", "Bob"}
    seen = [row["image_id"] for row in found if row["report_seen"] == "yes"]
    assert seen == [image_ids[int(films[9])]]
