"""The labelling page, by keys, in Debian's chromium, against a server that is killed midway."""

import csv
import io
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from fixtures.serving import wait_until
from radtex.corpus.corpus import Corpus

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright")

CHROMIUM = Path("/usr/bin/chromium")
TARGETS = ("Mass", "Rickets", "Gout")
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium")


@contextmanager
def chromium() -> Iterator[object]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            yield browser
        finally:
            browser.close()


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
            wait_until(lambda: is_alive(port) or process.poll() is not None, 120)
            assert process.poll() is None
            yield process
        finally:
            process.kill()


def is_alive(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=30).status_code == 200
    except httpx.TransportError:
        return False


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def open_page(context, port: int, reader: str):
    """Open the page and give the reader's name, by keys alone."""
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.goto(f"http://127.0.0.1:{port}/label#token=sesame")
    page.keyboard.type(reader)
    page.keyboard.press("Enter")
    shown(page)
    return page


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
    writing_run: Path, phantom_corpus: Corpus, tmp_path: Path
) -> None:
    corpus = tmp_path / "corpus"
    shutil.copytree(phantom_corpus.path, corpus)
    port = free_port()
    image_ids = phantom_corpus.index["image_id"]
    films: list[str] = []
    with chromium() as browser:
        desktop = {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"}
        phone = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}
        with serving(writing_run, corpus, port) as server:
            page = open_page(browser.new_context(**desktop), port, "Ann")
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
            sync_api.expect(pressed(page, "Gout")).to_have_count(0)
            shown(page)
            assert state(page, "Gout") == []
            page.keyboard.press("a")
            page.keyboard.press("Space")
            shown(page, films[-1])
            # The report is there when it is asked for alone.
            assert page.locator("#report").inner_text() == ""
            page.keyboard.press("r")
            page.wait_for_selector("#report:not([hidden])")
            assert page.locator("#report").inner_text() != ""
            page.keyboard.press("r")
            take_picture(page, "label-desktop-light.png")
            server.kill()
            server.wait()
            films.append(shown(page))
            page.keyboard.press("1")
            page.wait_for_selector("#unsaved:not([hidden])")
            assert "NOT saved" in page.locator("#unsaved").inner_text()
            assert "cannot be reached" in page.locator("#unsaved").inner_text()
            for key in ("2", "2", "2", "a", "Space"):
                page.keyboard.press(key)
            page.click("#retry")
            assert "answers wait" in page.locator("#unsaved").inner_text()
        with serving(writing_run, corpus, port):
            shown(page, films[-1])  # what waited is sent again by itself
            assert page.locator("#unsaved").is_hidden()
            second = open_page(browser.new_context(**phone), port, "Bob")
            assert state(second, "Mass") == []
            for _ in range(10):
                films.append(label(page))
                shown(page, films[-1])
                if len(films) < 14:
                    shown(second, label(second))
            take_picture(second, "label-phone-dark.png")
            page.wait_for_function(
                "() => document.querySelector('#plan-sentence').textContent.length > 12"
            )
            sync_api.expect(page.locator("#progress")).to_contain_text("20 films done")
            sync_api.expect(page.locator("#progress")).to_contain_text("1 other reader")
            assert page.problems == second.problems == []
            found = rows(port)
    assert len(set(films)) == 20
    own = [row for row in found if row["reader"] == "Ann"]
    assert sorted(row["image_id"] for row in own) == sorted(image_ids[int(film)] for film in films)
    assert {(row["Mass"], row["Rickets"], row["Gout"]) for row in found} == {("1", "-1", "0")}
    assert [row["reader"] for row in found].count("Bob") == 3
    assert {row["reader"] for row in found} == {"Ann", "Bob"}


def take_picture(page, name: str) -> None:
    """Keep a screenshot in the folder that RADTEX_SCREENSHOTS names, if it names one."""
    folder = os.environ.get("RADTEX_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / name)
