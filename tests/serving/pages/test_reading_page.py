"""The page for reading films, in Debian's chromium, against a server as it is started."""

import base64
import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from fixtures.browser import (
    PHONE,
    TOKEN,
    Page,
    opened,
    scrolls_sideways,
    take_picture,
    violations,
)
from fixtures.orthanc import (
    BINARY,
    LOGIN,
    PLUGIN,
    Orthanc,
    dicom_film,
    noise,
    running_orthanc,
)
from fixtures.real_server import started
from fixtures.serving import png, wait_until
from radtex.classifiers.predict import predict
from radtex.corpus.corpus import Corpus
from radtex.generation.generate import generate
from radtex.generation.run_films import films_of_files
from radtex.generation.writing import Writing
from radtex.models.run import Run

MIDDLE = """() => {
    const canvas = document.getElementById("canvas");
    const place = [canvas.width / 2, canvas.height / 2, 1, 1];
    return canvas.getContext("2d").getImageData(...place).data[0];
}"""
DROP = """([base64, names]) => {
    const bytes = Uint8Array.from(atob(base64), (each) => each.charCodeAt(0));
    const data = new DataTransfer();
    for (const name of names) data.items.add(new File([bytes], name));
    for (const kind of ["dragover", "drop"]) {
        document.body.dispatchEvent(
            new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
    }
}"""


@pytest.fixture(scope="module")
def pacs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc | None]:
    """A PACS with two studies of p1 and one of p2; None where Orthanc is absent."""
    if BINARY is None or PLUGIN is None:
        yield None
        return
    with running_orthanc(tmp_path_factory.mktemp("orthanc")) as peer:
        lateral = dicom_film(noise(4), 1, SOPInstanceUID="1.2.1.1.2", ViewPosition="LL")
        peer.add(dicom_film(noise(1), 1, StudyDescription="Chest"), lateral)
        peer.add(dicom_film(noise(2), 2, PatientID="p1", ViewPosition="LL"))
        peer.add(dicom_film(noise(3), 3, PatientID="p2", StudyDate="20240305"))
        yield peer


@pytest.fixture(scope="module")
def address(
    writing_run: Path, kept: Path, phantom_corpus: Corpus, pacs: Orthanc | None, film: bytes
) -> Iterator[str]:
    """A server of a run, a classifier, a corpus and a PACS, that asks for a token.

    It answers before it knows the nearest films; it is given once it knows them.
    """
    words = [writing_run, kept / "classifier", "--corpus", phantom_corpus.path, "--token", TOKEN]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RADTEX_PACS_LOGIN", LOGIN)
        patch.setenv("NO_PROXY", "127.0.0.1")
        if pacs:
            words += ["--pacs", pacs.url]
        with started(*words) as (found, _):
            wait_until(lambda: rest(found, film)["nearest"], 300)
            yield found


@pytest.fixture
def page(chromium: Any, address: str) -> Iterator[Page]:
    with opened(chromium, f"{address}/#token={TOKEN}") as page:
        page.get_by_text("Ready. Choose a film.").wait_for()
        yield page


@pytest.fixture(scope="module")
def film(kept: Path) -> bytes:
    """One that the classifier answers."""
    return png(Corpus.open(kept / "corpus"), 0)


@pytest.fixture(scope="module")
def checkered() -> bytes:
    """No radiograph at all."""
    file = io.BytesIO()
    Image.fromarray(np.tile(np.uint8([[0, 255], [255, 0]]), (32, 32))).save(file, "PNG")
    return file.getvalue()


def upload(page: Page, data: bytes) -> None:
    page.get_by_label("PNG, JPEG or DICOM").set_input_files(
        {"name": "film.png", "mimeType": "image/png", "buffer": data}
    )


def read(page: Page, data: bytes) -> None:
    upload(page, data)
    page.locator("#status", has_text="The film was read").wait_for()


def drop(page: Page, data: bytes, *names: str) -> None:
    page.evaluate(DROP, [base64.b64encode(data).decode(), names])


def rest(address: str, film: bytes, query: str = "") -> Any:
    headers = {"authorization": f"Bearer {TOKEN}"}
    files = {"image": film}
    answer = httpx.post(f"{address}/v1/studies{query}", files=files, headers=headers, timeout=60)
    assert answer.status_code == 200
    return answer.json()


def pixels(page: Page) -> str:
    """The canvas, once what was asked for is painted."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    found: str = page.evaluate("document.getElementById('canvas').toDataURL()")
    return found


def rows(page: Page) -> list[list[str]]:
    return [row.locator("th, td").all_inner_texts() for row in page.locator("tbody tr").all()]


def sentences(page: Page) -> list[str]:
    found: list[str] = page.locator("#sentences button").all_text_contents()
    return found


def tab_until(page: Page, reached: Callable[[str, str], bool], most: int = 60) -> list[str]:
    """Press Tab until an element of some id and class has the focus; the ids that had it."""
    passed: list[str] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        name, kind, outline = page.evaluate(
            "() => { const on = document.activeElement;"
            "return [on.id, on.className, getComputedStyle(on).outlineStyle] }"
        )
        assert outline != "none", f"no focus is seen at {name or kind}"
        passed.append(name)
        if reached(name, kind):
            return passed
    raise AssertionError(f"not reached; passed {passed}")


def test_the_page_says_what_rest_and_the_commands_say(
    page: Page, address: str, film: bytes, writing_run: Path, kept: Path, tmp_path: Path
) -> None:
    read(page, film)
    expected = rest(address, film)
    assert sentences(page) == [each["text"] for each in expected["report"]["sentences"]]
    findings = expected["findings"]["findings"]
    assert rows(page) == [
        [
            each["target"],
            f"{each['probability']:.3f}",
            f"{each['threshold']:.3f}",
            "yes" if each["positive"] else "no",
        ]
        for each in findings
    ]
    shown = page.locator("#nearest h3").all_inner_texts()
    assert shown == [
        f"Film {each['film']}, likeness {each['likeness']:.3f}" for each in expected["nearest"]
    ]
    assert page.locator("#nearest p").nth(1).inner_text() == expected["nearest"][0]["report"]
    assert page.locator("#notice").inner_text() == expected["notice"]
    file = tmp_path / "film.png"
    file.write_bytes(film)
    (said,) = json.loads(predict(kept / "classifier", [str(file)], format="json"))
    of_command = {name: f"{value:.3f}" for name, value in said["probabilities"].items()}
    assert {row[0]: row[1] for row in rows(page)} == of_command
    run = Run.open(writing_run)
    generate(run, films_of_files([str(file)], run), tmp_path / "out.jsonl", Writing())
    assert expected["report"]["text"] == json.loads((tmp_path / "out.jsonl").read_text())["text"]


def test_another_operating_point_is_another_answer(page: Page, address: str, film: bytes) -> None:
    read(page, film)
    page.get_by_label("Operating point").select_option("sensitive")
    page.locator("#findings-caption", has_text="sensitive").wait_for()
    findings = rest(address, film, "?operating_point=sensitive")["findings"]["findings"]
    assert [row[2] for row in rows(page)] == [f"{each['threshold']:.3f}" for each in findings]


def test_an_abstention_has_its_reason(page: Page, checkered: bytes) -> None:
    read(page, checkered)
    reason = page.locator("#reason").inner_text()
    assert reason.startswith(
        "The classifier gives no answer, because this film is unlike the radiographs it was made "
        "from: distance"
    )
    assert {(row[1], row[3]) for row in rows(page)} == {("–", "no answer")}


def test_png_jpeg_and_dicom_are_dropped(
    page: Page, film: bytes, write_dicom: Callable[..., object], tmp_path: Path
) -> None:
    jpeg = io.BytesIO()
    Image.open(io.BytesIO(film)).save(jpeg, "JPEG")
    write_dicom(tmp_path / "film.dcm")
    dicom = (tmp_path / "film.dcm").read_bytes()
    for data, label in ((film, "64 by 64"), (jpeg.getvalue(), "64 by 64"), (dicom, "PA, 48 by 64")):
        drop(page, data, "whatever.bin")
        page.locator("#status", has_text="The film was read").wait_for()
        page.locator(f"#canvas[aria-label='Film, {label} pixels']").wait_for()
        page.evaluate("document.getElementById('status').textContent = ''")
    drop(page, film, "one.png", "two.png")
    assert "Drop one film" in page.get_by_role("alert").inner_text()


def test_a_sentence_and_a_finding_show_where_they_come_from(page: Page, film: bytes) -> None:
    read(page, film)
    plain = pixels(page)
    tints = []
    for place in ("#sentences button", "tbody button"):
        first = page.locator(place).first
        first.focus()
        page.locator("#map", has_text=first.text_content()).wait_for()
        tints.append(pixels(page))
    assert tints[0] != tints[1]
    # Pointing at a sentence shows its map until the mouse is elsewhere.
    page.locator("#sentences button").first.hover()
    page.locator("#map", has_text=sentences(page)[0]).wait_for()
    assert pixels(page) == tints[0]
    page.mouse.move(2, 2)
    page.locator("#map", has_text=page.locator("tbody button").first.text_content()).wait_for()
    assert pixels(page) == tints[1]
    page.get_by_role("button", name="Show map").click()
    assert pixels(page) == plain


def test_window_zoom_pan_and_inversion_by_keys_and_mouse(page: Page, film: bytes) -> None:
    read(page, film)
    plain, grey = pixels(page), page.evaluate(MIDDLE)
    canvas = page.locator("#canvas")
    canvas.focus()
    for keys in (["i"], ["Shift+ArrowUp"], ["Shift+ArrowRight"], ["+"], ["ArrowRight"]):
        for key in keys:
            canvas.press(key)
        assert pixels(page) != plain, keys
        if keys == ["i"]:
            assert abs(grey + page.evaluate(MIDDLE) - 255) <= 2
        canvas.press("0")
        assert pixels(page) == plain, keys
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    page.mouse.wheel(0, -100)
    seen = {plain, pixels(page)}
    for button, x in (("left", 260), ("right", 320)):
        page.mouse.down(button=button)
        page.mouse.move(box["x"] + x, box["y"] + 240)
        page.mouse.up(button=button)
        seen.add(pixels(page))
    assert len(seen) == 4
    page.locator("#view", has_text="level").wait_for()


def test_questions_and_prompts(page: Page, address: str, film: bytes) -> None:
    read(page, film)
    page.get_by_label("Does it show").fill("pleural effusion")
    page.get_by_role("button", name="Ask").click()
    answer = page.locator("#answers li").first.inner_text()
    assert re.fullmatch(r"pleural effusion: [01]\.\d{3}", answer)
    page.get_by_label("Write it anew").fill("heart")
    page.get_by_role("button", name="Write").click()
    page.get_by_text("The report was written anew").wait_for()
    anew = rest(address, film, "?prompt=heart")["report"]["sentences"]
    assert sentences(page) == [each["text"] for each in anew]
    page.get_by_label("Does it show").fill("xyzzyx")
    page.get_by_role("button", name="Ask").click()
    assert "xyzzyx" in page.get_by_role("alert").inner_text()


def test_what_is_wrong_with_a_file_is_said(
    page: Page, film: bytes, write_dicom: Callable[..., object], tmp_path: Path
) -> None:
    alert = page.get_by_role("alert")
    for change, said in (
        ({"ViewPosition": "LL"}, "lateral film"),
        ({"BodyPartExamined": "KNEE"}, "another part of the body"),
        ({"NumberOfFrames": 3}, "3 pictures in one, such as a sequence or a scan"),
    ):
        write_dicom(tmp_path / "film.dcm", **change)
        upload(page, (tmp_path / "film.dcm").read_bytes())
        alert.filter(has_text=said).wait_for()
    # A film in colour is read, and it is said that its colours are not.
    colour = dicom_film(noise(1), 1)
    colour.SamplesPerPixel, colour.PhotometricInterpretation = 3, "RGB"
    colour.PlanarConfiguration = 0
    colour.PixelData = np.repeat(noise(1)[..., None], 3, 2).tobytes()
    file = io.BytesIO()
    colour.save_as(file, enforce_file_format=True)
    read(page, file.getvalue())
    page.locator("#notes li", has_text="its brightness was read, and its colours were").wait_for()
    upload(page, b"")
    alert.filter(has_text="The file is empty").wait_for()
    huge = tmp_path / "series.dcm"
    with huge.open("wb") as file:
        file.truncate(500 * 2**20)
    page.get_by_label("PNG, JPEG or DICOM").set_input_files(huge)
    alert.filter(has_text="The file has 500 MB, and the server takes 64 MB").wait_for()
    read(page, film)
    assert alert.count() == 0  # hidden


def test_without_the_token_it_asks_for_it(chromium: Any, address: str) -> None:
    for scheme in ("light", "dark"):
        with opened(chromium, address, color_scheme=scheme) as page:
            assert "access token" in page.get_by_role("alert").inner_text()
            assert violations(page) == []
            page.get_by_label("Access token").fill("wrong")
            page.keyboard.press("Enter")
            page.get_by_label("Access token").fill(TOKEN)
            page.keyboard.press("Enter")
            page.get_by_text("Ready. Choose a film.").wait_for()


def test_a_film_of_the_corpus_by_the_keyboard_alone(page: Page) -> None:
    tab_until(page, lambda *_: page.evaluate("document.activeElement.tagName") == "SUMMARY")
    page.keyboard.press("Enter")
    page.locator("#corpus-films img[src^=blob]").nth(11).wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("#status", has_text="The film was read").wait_for()
    passed = tab_until(page, lambda _, kind: kind == "sentence")
    assert {"corpus-on", "canvas", "drags", "closer", "farther", "invert", "tint", "reset"} <= {
        *passed
    }
    page.locator("#map", has_text="Map of").or_(page.locator("#map", has_text="Nothing")).wait_for()
    tab_until(page, lambda name, _: name == "prompt")
    page.keyboard.type("heart")
    page.keyboard.press("Enter")
    page.get_by_text("The report was written anew").wait_for()
    tab_until(page, lambda name, _: name == "question")
    page.keyboard.type("edema")
    page.keyboard.press("Enter")
    page.locator("#answers li", has_text="edema").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_has_no_barrier(
    chromium: Any, address: str, film: bytes, checkered: bytes, scheme: str
) -> None:
    with opened(chromium, f"{address}/#token={TOKEN}", color_scheme=scheme) as page:
        page.get_by_text("Ready. Choose a film.").wait_for()
        assert violations(page) == []
        page.locator("#corpus summary").click()
        read(page, checkered)
        upload(page, b"")
        page.get_by_role("alert").filter(has_text="empty").wait_for()
        assert violations(page) == []
        read(page, film)
        page.locator("#sentences button").first.focus()
        page.get_by_label("Does it show").fill("edema")
        page.get_by_role("button", name="Ask").click()
        page.locator("#answers li").first.wait_for()
        page.locator("#nearest img[src^=blob]").nth(4).wait_for()
        assert violations(page) == []
        for live in ("status", "map", "answers"):
            role, polite = page.locator(f"#{live}").evaluate("e => [e.role, e.ariaLive]")
            assert role == "status" or polite == "polite"
        take_picture(page, f"reading-desktop-{scheme}.png")


def test_a_film_of_the_pacs_is_read_and_what_is_said_is_stored(
    page: Page, pacs: Orthanc | None, film: bytes
) -> None:
    if pacs is None:
        pytest.skip("Orthanc with its DICOMweb plugin is absent (apt: orthanc, orthanc-dicomweb)")
    page.get_by_text("From the PACS").click()
    page.get_by_role("button", name="Search").click()
    page.get_by_text("3 studies found.").wait_for()
    studies = page.locator("#pacs-studies > li > button")
    assert studies.all_inner_texts()[0] == "2024-03-05 · p2 · DX"
    page.get_by_label("Patient's id").fill("p1")
    page.get_by_label("To", exact=True).fill("2024-03-02")
    page.get_by_label("Modality").select_option("DX")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("2 studies found.").wait_for()
    studies.filter(has_not_text="Chest").click()
    page.get_by_text("This study has no frontal chest radiograph.").wait_for()
    studies.filter(has_text="Chest").click()
    page.locator("#status", has_text="The film was read").wait_for()
    page.locator("#canvas[aria-label='Film, PA, 64 by 64 pixels']").wait_for()
    assert page.get_by_text("Film 2, lateral: not read").is_visible()
    # What is said of it is stored in the PACS, by keys alone.
    choices = page.locator("#store-map option").all_text_contents()
    assert choices == ["none", *(row[0] for row in rows(page)), f"Sentence 1: {sentences(page)[0]}"]
    tab_until(page, lambda name, _: name == "store-map")
    page.keyboard.press("End")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("#stored", has_text="and the map of the sentence as a picture.").wait_for()
    assert (len(pacs.held("SR")), len(pacs.held("OT"))) == (1, 1)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == []
    take_picture(page, "reading-pacs-dark.png")
    page.emulate_media(color_scheme="light")
    page.get_by_label("Patient's id").fill("nobody")
    page.keyboard.press("Enter")
    page.get_by_text("0 studies found.").wait_for()
    pacs.rest("/tools/bulk-delete", json.dumps({"Resources": pacs.rest("/studies")}).encode())
    page.get_by_role("button", name="Store").click()
    page.locator("#stored", has_text="Not stored. The PACS does not hold this film").wait_for()
    # Films from elsewhere have no study in the PACS.
    read(page, film)
    page.locator("#storing").wait_for(state="hidden")


def test_a_phone_shows_one_column(chromium: Any, address: str, film: bytes) -> None:
    with opened(chromium, f"{address}/#token={TOKEN}", **PHONE) as page:
        read(page, film)
        assert not scrolls_sideways(page)
        lefts = [each.bounding_box()["x"] for each in page.locator(".panel:visible").all()]
        assert max(lefts) - min(lefts) < 2
        assert violations(page) == []
        take_picture(page, "reading-phone-dark.png")
