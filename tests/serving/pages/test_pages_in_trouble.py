"""What goes wrong is a sentence on the page, and what can go on does."""

import errno
import os
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest

from fixtures.browser import TOKEN, opened
from fixtures.real_server import served_over_http
from fixtures.serving import LIMITS, png
from radtex.corpus.corpus import Corpus
from radtex.serving.answering.opened_models import ModelHolder
from radtex.serving.desk import label_journal
from radtex.serving.settings import ServeSettings

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright")
expect = sync_api.expect


def test_a_film_while_the_model_loads_is_read_when_it_is_loaded(
    chromium: Any, writing_run: Path, phantom_corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded, plain = threading.Event(), ModelHolder.load

    def slowly(holder: ModelHolder) -> None:
        loaded.wait(60)
        plain(holder)

    monkeypatch.setattr(ModelHolder, "load", slowly)
    with (
        served_over_http(ServeSettings((writing_run,), limits=LIMITS)) as (address, _),
        opened(chromium, address) as page,
    ):
        status = page.locator("#status")
        expect(status).to_have_text(
            "The model is still being loaded. Please try again in a few seconds."
        )
        page.get_by_label("PNG, JPEG or DICOM").set_input_files(
            {"name": "film.png", "mimeType": "image/png", "buffer": png(phantom_corpus, 0)}
        )
        loaded.set()
        expect(status).to_contain_text("The film was read", timeout=60_000)
        assert page.get_by_role("alert").count() == 0


def test_a_model_whose_folder_is_gone_is_told(
    chromium: Any, writing_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, plain = Path(shutil.copytree(writing_run, tmp_path / "run")), ModelHolder.load

    def gone(holder: ModelHolder) -> None:
        shutil.rmtree(run)
        plain(holder)

    monkeypatch.setattr(ModelHolder, "load", gone)
    with (
        served_over_http(ServeSettings((run,), limits=LIMITS)) as (address, _),
        opened(chromium, address) as page,
    ):
        expect(page.get_by_role("alert")).to_contain_text(
            "The model could not be loaded: its folder is gone or damaged."
        )


def test_a_full_disk_and_a_wrong_token_keep_the_answers(
    chromium: Any,
    writing_run: Path,
    phantom_corpus: Corpus,
    tmp_path: Path,
) -> None:
    corpus = Path(shutil.copytree(phantom_corpus.path, tmp_path / "corpus"))
    settings = ServeSettings(
        (writing_run,), corpus=corpus, label=True, targets=("Gout",), token=TOKEN, limits=LIMITS
    )

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with (
        served_over_http(settings) as (address, server),
        opened(chromium, f"{address}/label#token=wrong") as page,
    ):
        page.keyboard.type("Ann")
        page.keyboard.press("Enter")
        expect(page.locator("#trouble")).to_contain_text("The access token is missing or wrong.")
        page.get_by_label("Access token").fill(TOKEN)
        page.keyboard.press("Enter")
        page.wait_for_selector("#view[data-film]", timeout=60_000)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(label_journal, "_append", full)
            page.keyboard.press("1")
            why = page.locator("#unsaved")
            expect(why).to_contain_text("NOT saved.")
            expect(why).to_contain_text("the disk is full on the machine that runs the server")
            assert server.the_desk().progress() == {}
        page.get_by_role("button", name="Try again").click()
        expect(page.locator("#said")).to_contain_text("Saved.")
        assert why.is_hidden()
        assert server.the_desk().progress()["Ann"][1] == 1
