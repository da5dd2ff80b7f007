"""The labelling page: two tabs, two readers, labels of an archive, and labels as files."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from fixtures.browser import PHONE, opened, scrolls_sideways, take_picture, violations
from fixtures.real_server import served_over_http
from fixtures.serving import LIMITS
from radtex.corpus.corpus import Corpus
from radtex.corpus.readings.label_table import bring_labels
from radtex.serving.desk.label_journal import values_of
from radtex.serving.server import Server
from radtex.serving.settings import ServeSettings

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright")
expect = sync_api.expect


@contextmanager
def serving(run: Path, corpus: Path, *targets: str, **more: Any) -> Iterator[tuple[str, Server]]:
    settings = ServeSettings(
        (run,), corpus=corpus, label=True, targets=targets, limits=LIMITS, **more
    )
    with served_over_http(settings) as found:
        yield found


@pytest.fixture
def own_corpus(phantom_corpus: Corpus, tmp_path: Path) -> Path:
    return Path(shutil.copytree(phantom_corpus.path, tmp_path / "corpus"))


@contextmanager
def labelling(browser: Any, address: str, reader: str, **context: Any) -> Iterator[Any]:
    with opened(browser, f"{address}/label", **context) as page:
        page.keyboard.type(reader)
        page.keyboard.press("Enter")
        page.locator("#desk").wait_for()
        yield page


def shown(page: Any, other_than: str = "-1") -> str:
    page.wait_for_selector(f"#view[data-film]:not([data-film='{other_than}'])", timeout=60_000)
    found: str = page.get_attribute("#view", "data-film")
    return found


def said(server: Server) -> dict[tuple[str, int | None], dict[str, int]]:
    """What each reader says, by the number of the film."""
    desk = server.the_desk()
    found = values_of(desk.journal.standing)
    return {(reader, desk.row_of(film)): values for (reader, film), values in found.items()}


def test_two_tabs_and_two_readers_do_not_overwrite_each_other(
    chromium: Any, writing_run: Path, own_corpus: Path
) -> None:
    with ExitStack() as stack:
        address, server = stack.enter_context(serving(writing_run, own_corpus, "Mass", "Gout"))
        pages = [
            stack.enter_context(labelling(chromium, address, reader, **context))
            for reader, context in (("Ann", {}), ("Ann", {}), ("Bob", PHONE))
        ]
        (film,) = {shown(page) for page in pages}
        one, other, second = pages
        one.keyboard.press("1")
        other.keyboard.press("2")
        second.keyboard.press("1")
        second.keyboard.press("1")
        for page in pages:
            expect(page.locator("#said")).to_contain_text("Saved.")
        number = int(film)
        assert said(server) == {
            ("Ann", number): {"Mass": 1, "Gout": 1},
            ("Bob", number): {"Mass": 0},
        }
        # Both readers go on at the same time, each through all films.
        for page in (one, second):
            page.keyboard.press("Space")
        nexts = [shown(page, film) for page in (one, second)]
        assert nexts[0] == nexts[1]
        for page in (one, second):
            page.keyboard.press("a")
        for page in (one, second):
            expect(page.locator("#said")).to_contain_text("Saved.")
        assert said(server)["Ann", int(nexts[0])] == {"Mass": 0, "Gout": 0}
        assert said(server)["Bob", int(nexts[0])] == {"Mass": 0, "Gout": 0}
        assert not scrolls_sideways(second)
        assert violations(second) == []
        take_picture(second, "label-phone-dark.png")


def test_the_page_has_no_barrier_and_is_worked_by_keys(
    chromium: Any, writing_run: Path, own_corpus: Path
) -> None:
    with serving(writing_run, own_corpus, "Mass", "Gout") as (address, _):
        for scheme in ("light", "dark"):
            with opened(chromium, f"{address}/label", color_scheme=scheme) as page:
                assert violations(page) == []
                page.keyboard.type(f"Reader {scheme}")
                page.keyboard.press("Enter")
                shown(page)
                page.keyboard.press("r")
                page.locator("#report").wait_for()
                page.keyboard.press("1")
                page.locator("summary").click()
                expect(page.locator("#said")).to_contain_text("Saved.")
                assert violations(page) == []
        with labelling(chromium, address, "Tab") as page:
            shown(page)
            reached = set()
            for _ in range(40):
                page.keyboard.press("Tab")
                name, text, kind, outline = page.evaluate(
                    "() => { const on = document.activeElement;"
                    "return [on.id, on.innerText, on.tagName, getComputedStyle(on).outlineStyle] }"
                )
                assert kind == "BODY" or outline != "none", f"no focus is seen at {name or text}"
                reached |= {name, text}
            assert {
                *("reading", "other-reader", "Present", "Absent", "Uncertain", "next", "rest"),
                *("undo", "skip", "show-report", "Keys", "retrain", "table", "tasks", "interface"),
                "bring",
            } <= reached


def test_films_that_the_archive_labelled_are_offered_with_the_reason(
    chromium: Any, writing_run: Path, own_corpus: Path
) -> None:
    with (
        serving(writing_run, own_corpus, "Pleural Effusion") as (address, server),
        labelling(chromium, address, "Ann") as page,
    ):
        title = page.locator("#film-title")
        expect(title).to_contain_text("no more films to label", timeout=60_000)
        expect(title).to_contain_text(
            "Every study of the pool has a label of Pleural Effusion already."
        )
        page.get_by_role("button", name="Label films that have labels already").click()
        film = shown(page)
        page.keyboard.press("1")
        page.keyboard.press("Space")
        shown(page, film)
        assert said(server) == {("Ann", int(film)): {"Pleural Effusion": 1}}


def test_labels_leave_as_files_and_come_from_label_studio(
    chromium: Any, writing_run: Path, own_corpus: Path, tmp_path: Path
) -> None:
    with (
        serving(writing_run, own_corpus, "Mass", "Gout") as (address, server),
        labelling(chromium, address, "Ann") as page,
    ):
        film = shown(page)
        page.keyboard.press("r")
        page.locator("#report").wait_for()
        page.keyboard.press("1")
        page.keyboard.press("a")
        page.keyboard.press("Space")
        shown(page, film)
        files = {}
        for name in ("Table (CSV)", "Label Studio (JSON)", "Its interface (XML)"):
            with page.expect_download() as found:
                page.get_by_role("button", name=name, exact=True).click()
            files[name] = tmp_path / found.value.suggested_filename
            found.value.save_as(files[name])
        assert files["Its interface (XML)"].read_text().startswith("<View>")
        bring_labels(own_corpus, files["Table (CSV)"])
        assert "yes" in files["Table (CSV)"].read_text()
        assert Corpus.open(own_corpus).journal.readers == ["Ann"]
        assert set(Corpus.open(own_corpus).journal.standing[0].values) == {"Mass", "Gout"}
        (task,) = json.loads(files["Label Studio (JSON)"].read_text())
        assert task["data"]["report_seen_by"] == ["Ann"]
        task["annotations"][0]["completed_by"] = {"email": "eva@clinic"}
        other = tmp_path / "export.json"
        other.write_text(json.dumps([task, {"data": {"image": "elsewhere.png"}}]))
        page.get_by_label("Bring labels from Label Studio").set_input_files(other)
        state = page.locator("#exchange-state")
        expect(state).to_have_text("1 answer was taken. Task 2 names no film of the corpus.")
        expect(page.locator("#progress")).to_contain_text("1 other reader")
        assert said(server)["eva@clinic", int(film)] == {"Mass": 1, "Gout": 0}
        page.get_by_label("Bring labels from Label Studio").set_input_files(files["Table (CSV)"])
        expect(state).to_contain_text("This is no export of Label Studio")


def test_the_curve_is_redrawn_and_a_classifier_made_is_used_and_named(
    chromium: Any, writing_run: Path, kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(kept / "corpus", tmp_path / "corpus"))
    made = Corpus.open(folder)
    plain = subprocess.run

    def transfer(command: list[str], **options: Any) -> Any:
        """Stands for the command, which takes long: `tests/serving/desk/test_worth.py` runs it."""
        if "transfer" not in command:
            return plain(command, **options)
        shutil.copytree(kept / "classifier", command[command.index("--save") + 1])
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", transfer)
    with (
        serving(writing_run, folder, "Gout") as (address, server),
        labelling(chromium, address, "Ann") as page,
    ):
        sentence = page.locator("#plan-sentence")
        expect(sentence).to_have_text("There are no labels in the pool yet.")
        for row in made.rows("pool")[:59].tolist():
            value = int(made.index["label.Effusion"].iloc[row])
            server.the_desk().save("Ann", row, {"Gout": value}, done=True)
        page.reload()
        shown(page)
        page.keyboard.press("1")
        page.keyboard.press("Space")
        expect(sentence).to_contain_text("50 more labels: 0.", timeout=120_000)
        assert (
            page.locator("#curve svg").get_attribute("aria-label").startswith("AUC by labels. 50")
        )
        page.get_by_role("button", name="Make a classifier").click()
        expect(page.locator("#retrain-state")).to_contain_text(
            "labels per finding. It answers films now.", timeout=60_000
        )
        assert "classifier-1 was made of" in page.locator("#retrain-state").inner_text()
        assert violations(page) == []
        take_picture(page, "label-curve.png")
        page.goto(address)
        expect(page.locator("#models")).to_contain_text("classifier-1 (classifier, 64 px)")
