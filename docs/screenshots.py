"""The pictures of the documents, made anew: pages in Debian's chromium, figures by their commands.

    radtex demo --out demo
    radtex transfer demo/corpus --encoders demo/runs/radtex --targets chexpert5 --budgets 200 \
        --repeats 2 --save demo/classifier --out demo/evidence
    python docs/screenshots.py demo/runs/radtex demo/classifier demo/corpus --out docs/images \
        --curves demo-curve.png=demo/unseen tutorial-curve.png=comparison

The films are the phantom's; the labels go into a copy of the corpus. The cohort flow is that of the
sample data, and `comparison` what the tutorial on the phantom leaves.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from PIL import Image
from playwright.sync_api import sync_playwright

PATIENCE = 600_000
BINARY = "/usr/bin/chromium"
COLOURS, WIDTH = 128, 1100
TARGETS = ("Pleural Effusion", "Pneumothorax", "Cardiomegaly", "Edema", "Mass")
WINDOW = {"width": 1320, "height": 860}
RADTEX = (sys.executable, "-m", "radtex")


def main() -> None:
    """Make a picture of both pages, `audit.png`, `cohort-flow.png` and the curves asked for."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("run", type=Path)
    options.add_argument("classifier", type=Path)
    options.add_argument("corpus", type=Path)
    options.add_argument("--curves", nargs="*", default=[], help="FILE=EVIDENCE each")
    options.add_argument("--out", type=Path, default=Path("docs/images"))
    options.add_argument("--film", type=int, default=0, help="number of the film that is read")
    asked = options.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for curve in asked.curves:
            name, _, evidence = curve.partition("=")
            keep(Path(evidence) / "curve.png", asked.out / name)
        audit(asked.corpus, Path(folder), asked.out)
        cohort_flow(Path(folder), asked.out)
        corpus = shutil.copytree(asked.corpus, Path(folder) / "corpus")
        words = [
            "serve",
            asked.run,
            asked.classifier,
            "--corpus",
            corpus,
            "--label",
            "--targets",
            *TARGETS,
        ]
        command = [*RADTEX, *map(str, words), "--port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            try:
                assert server.stdout is not None
                address = re.sub("/#.*", "", server.stdout.readline().strip()).rstrip("/")
                while not is_ready(address):
                    time.sleep(1)
                take(address, asked.film, asked.out)
            finally:
                server.kill()


def audit(corpus: Path, scratch: Path, out: Path) -> None:
    """Audit the pool for shortcuts, and keep the figure."""
    words = ("corpus", "audit", f"{corpus}:pool", "--targets", "radtex9", "--out")
    subprocess.run([*RADTEX, *words, scratch / "audit"], check=True, stdout=subprocess.DEVNULL)
    keep(scratch / "audit" / "audit.png", out / "audit.png", width=1690)


def cohort_flow(scratch: Path, out: Path) -> None:
    """Build and compare on the sample data, and keep the flow of the page that comes of it."""
    export, corpus, page = scratch / "sample", scratch / "export", scratch / "flow"
    tables = ("--reports", export / "reports.csv", "--labels", export / "labels.xlsx")
    of_interest = ("--targets", "Lung Opacity", "--budgets", "20", "--repeats", "2")
    few = ("--test-patients", "5")
    for words in (
        ("demo", "--sample-data", export),
        ("corpus", "build", "dicom", export / "export", *tables, "--size", "64", "--out", corpus),
        ("transfer", corpus, "--encoders", "imagenet", *of_interest, *few, "--out", page),
    ):
        subprocess.run([*RADTEX, *map(str, words)], check=True, stdout=subprocess.DEVNULL)
    with browser() as tab:
        tab.goto((page / "report.html").as_uri())
        table = tab.get_by_role("table").filter(has_text="Rows of the corpora")
        table.screenshot(path=scratch / "flow.png")
    keep(scratch / "flow.png", out / "cohort-flow.png")


def is_ready(address: str) -> bool:
    """Whether a server answers films."""
    try:
        return httpx.get(f"{address}/readyz", timeout=60).status_code == 200
    except httpx.TransportError:
        return False


def take(address: str, film: int, out: Path) -> None:
    """Read a film, label another, and keep a picture of each page."""
    image = httpx.get(f"{address}/v1/corpus/films/{film}/film.png", timeout=60).content
    with browser() as page:
        page.goto(address)
        page.get_by_text("Ready. Choose a film.").wait_for()
        page.locator("#file").set_input_files(
            {"name": "film.png", "mimeType": "image/png", "buffer": image}
        )
        page.locator("#status", has_text="The film was read").wait_for()
        page.locator("#sentences button").first.focus()
        page.locator("#map", has_text="“").wait_for()
        photograph(page, out / "reading-page.png")
        page.goto(f"{address}/label")
        page.keyboard.type("Dr Example")
        page.keyboard.press("Enter")
        more = page.get_by_role("button", name="Label films that have labels already")
        page.locator("#view[data-film]").or_(more).first.wait_for()
        if more.is_visible():  # those of the phantom cover the findings
            more.click()
            page.locator("#view[data-film]").wait_for()
        for key in ("1", "a"):
            page.keyboard.press(key)
        page.locator("#said", has_text="Saved.").wait_for()
        photograph(page, out / "labelling-page.png")


@contextmanager
def browser() -> Iterator[Any]:
    """A tab of chromium."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=BINARY, args=["--no-sandbox"])
        page = chromium.new_page(viewport=WINDOW, color_scheme="light")
        page.set_default_timeout(PATIENCE)
        yield page
        chromium.close()


def photograph(page: Any, file: Path) -> None:
    """Keep a picture of a page."""
    page.wait_for_timeout(500)
    page.screenshot(path=file)
    keep(file, file)


def keep(picture: Path, file: Path, *, width: int = WIDTH) -> None:
    """Keep a picture in few colours, at most `width` pixels wide."""
    shot = Image.open(picture).convert("RGB")
    shot.thumbnail((width, shot.height), Image.Resampling.LANCZOS)
    shot.quantize(COLOURS).save(file, optimize=True)
    print(file, file.stat().st_size)


if __name__ == "__main__":
    main()
