"""The screenshots of docs/serving.md and the README, made anew in Debian's chromium.

    radtex demo --out demo
    radtex transfer demo/corpus --encoders demo/runs/radtex --targets chexpert5 --budgets 200 \
        --repeats 2 --save demo/classifier --out demo/evidence
    python docs/screenshots.py demo/runs/radtex demo/classifier demo/corpus --out docs/images

The films are the phantom's; the labels go into a copy of the corpus.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
from PIL import Image
from playwright.sync_api import sync_playwright

PATIENCE = 600_000
COLOURS, WIDTH = 128, 1100
TARGETS = ("Pleural Effusion", "Pneumothorax", "Cardiomegaly", "Edema", "Mass")
WINDOW = {"width": 1320, "height": 860}


def main() -> None:
    """Make `reading-page.png` and `labelling-page.png`."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("run", type=Path)
    options.add_argument("classifier", type=Path)
    options.add_argument("corpus", type=Path)
    options.add_argument("--out", type=Path, default=Path("docs/images"))
    options.add_argument("--film", type=int, default=0, help="number of the film that is read")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
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
        command = [sys.executable, "-m", "radtex", *map(str, words), "--port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            try:
                assert server.stdout is not None
                address = re.sub("/#.*", "", server.stdout.readline().strip()).rstrip("/")
                while not is_ready(address):
                    time.sleep(1)
                take(address, asked.film, asked.out)
            finally:
                server.kill()


def is_ready(address: str) -> bool:
    """Whether a server answers films."""
    try:
        return httpx.get(f"{address}/readyz", timeout=60).status_code == 200
    except httpx.TransportError:
        return False


def take(address: str, film: int, out: Path) -> None:
    """Read a film, label another, and keep a picture of each page."""
    image = httpx.get(f"{address}/v1/corpus/films/{film}/film.png", timeout=60).content
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        page = browser.new_page(viewport=WINDOW, color_scheme="light")
        page.set_default_timeout(PATIENCE)
        page.goto(address)
        page.get_by_text("Ready. Choose a film.").wait_for()
        page.locator("#file").set_input_files(
            {"name": "film.png", "mimeType": "image/png", "buffer": image}
        )
        page.locator("#status", has_text="The film was read").wait_for()
        page.locator("#sentences button").first.focus()
        page.locator("#map", has_text="“").wait_for()
        keep(page, out / "reading-page.png")
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
        keep(page, out / "labelling-page.png")
        browser.close()


def keep(page: Any, file: Path) -> None:
    """Keep a picture of a page, in few colours."""
    page.wait_for_timeout(500)
    page.screenshot(path=file)
    shot = Image.open(file).convert("RGB")
    size = WIDTH, round(shot.height * WIDTH / shot.width)
    shot.resize(size, Image.Resampling.LANCZOS).quantize(COLOURS).save(file, optimize=True)
    print(file, file.stat().st_size)


if __name__ == "__main__":
    main()
