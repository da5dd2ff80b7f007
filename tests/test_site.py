"""The site of the documents: it builds without a warning, and loads nothing from elsewhere."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

import radtex
from radtex import errors
from radtex.pretraining.recipe import recipe_leaves

DOCS = Path(__file__).parent.parent / "docs"
CLASSES = [each for each in vars(errors).values() if isinstance(each, type)]
_LOADS = {"link": "href", "script": "src", "img": "src", "iframe": "src", "source": "src"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make docs` builds it."""
    out = tmp_path_factory.mktemp("site") / "html"
    words = ["-n", "-W", "--keep-going", "-q", "-b", "html", "-d", out.parent / "trees", DOCS, out]
    ended = subprocess.run(
        [sys.executable, "-m", "sphinx", *map(str, words)], capture_output=True, text=True
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    return out


class Loaded(HTMLParser):
    """The addresses that a page loads by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.pictures: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Keep what a tag loads."""
        given = dict(attributes)
        if tag in _LOADS and given.get("rel") not in ("canonical", "index", "next", "prev"):
            self.addresses.append(given.get(_LOADS[tag]) or "")
        if tag == "img":
            self.pictures.append(given)


def test_nothing_is_loaded_from_elsewhere_and_pictures_have_words(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 40
    for page in pages:
        loaded = Loaded()
        loaded.feed(page.read_text(encoding="utf-8"))
        assert not [each for each in loaded.addresses if re.match(r"(https?:)?//", each)], page
        for picture in loaded.pictures:
            assert len(picture.get("alt") or "") > 20, f"{page.name}: {picture.get('src')}"
    for style in site.rglob("*.css"):
        text = style.read_text(encoding="utf-8")
        assert not re.search(r"(@import|url\()\s*[\"']?(https?:)?//", text), style


def test_it_has_a_search_a_dark_mode_and_the_version(site: Path) -> None:
    page = (site / "index.html").read_text(encoding="utf-8")
    assert f"radtex {radtex.__version__}" in page
    assert 'class="sidebar-search' in page
    assert "theme-toggle" in page
    assert "pneumothorax" in (site / "searchindex.js").read_text(encoding="utf-8").lower()


def test_the_reference_is_read_from_the_code(site: Path) -> None:
    commands = (site / "reference" / "commands.html").read_text(encoding="utf-8")
    for flag in ("--sample-data", "--labelled", "--budgets", "--dicom-listen"):
        assert flag in commands
    assert "--empty-" not in commands
    fields = commands.partition('id="fields-of-a-recipe"')[2]
    missing = [name for name in recipe_leaves() if f"--{name.replace('_', '-')}<" not in fields]
    assert missing == []
    python = (site / "reference" / "python.html").read_text(encoding="utf-8")
    missing = [name for name in radtex.__all__[1:] if f'id="radtex.{name}"' not in python]
    assert missing == ["__version__"]


def test_each_class_of_error_has_a_page_under_its_code(site: Path) -> None:
    codes = {error.code for error in CLASSES}
    assert len(codes) == len(CLASSES)
    overview = (DOCS / "reference" / "errors" / "index.md").read_text(encoding="utf-8")
    for error in CLASSES:
        assert f"| `{error.code}` |" in overview
        name = error.code.removeprefix("RTX-").lower() if error.code != "RTX" else "index"
        page = (site / "reference" / "errors" / f"{name}.html").read_text(encoding="utf-8")
        assert error.code in page
        assert page.count("<tr") > 2, f"{name} shows no message"


def test_one_version_is_told_everywhere() -> None:
    root = DOCS.parent
    told = {
        name: re.search(pattern, (root / name).read_text(encoding="utf-8"), re.M)
        for name, pattern in {
            "pyproject.toml": r'^version = "(.+)"$',
            "CITATION.cff": r"^version: (.+)$",
        }.items()
    }
    assert {name: found and found[1] for name, found in told.items()} == dict.fromkeys(
        told, radtex.__version__
    )
