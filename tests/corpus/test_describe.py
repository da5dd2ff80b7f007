"""A corpus in words and as a contact sheet."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageDraw

from fixtures.archives import write_film
from radtex.corpus.build import build
from radtex.corpus.describe import ACROSS, CAPTION, TILE, _font, describe, sheet
from radtex.corpus.sources import open_source
from radtex.errors import CorpusError


def test_a_description_counts_what_the_index_holds(make_table, tmp_path):
    file = make_table(12, {0: {"view": ""}, 1: {"findings": "one two three"}})
    corpus = build(open_source("table", root=file), tmp_path / "c", size=16, workers=1)
    words, sources = describe(corpus).split("Labels by source\n")
    assert [line.split() for line in sources.splitlines()[:3]] == [
        ["human", "archive", "report"],
        ["Edema", "12", "0", "0"],
        ["Pneumonia", "9", "0", "0"],
    ]
    lines = {line.split()[0]: line.split()[1:] for line in words.splitlines() if line.split()}
    assert "12 images of 16 x 16 pixels, 12 studies, 6 patients, from table" in words
    assert lines["unknown"] == ["1"]
    assert lines["findings"] == ["12", "7", "7", "7", "7"]
    assert lines["Pneumonia"][:4] == ["3", "3", "3", "3"]
    assert lines["train"][0] == str((corpus.index["split"] == "train").sum())


def test_a_description_tells_how_many_reports_refer_to_earlier_studies(make_table, tmp_path):
    file = make_table(4, {0: {"impression": "Unchanged."}})
    corpus = build(open_source("table", root=file), tmp_path / "c", size=16, workers=1)
    assert "Reports that refer to earlier studies: 25.0%" in describe(corpus)


def test_a_description_tells_how_many_reports_are_not_understood(make_table, tmp_path):
    file = make_table(4, {0: {"findings": "Report pending.", "impression": ""}})
    corpus = build(open_source("table", root=file), tmp_path / "c", size=16, workers=1)
    assert "Reports that are not understood: 25.0%" in describe(corpus)


def test_grades_are_counted_one_by_one(make_table, tmp_path):
    source = open_source("table", root=make_table(8))
    corpus = build(source, tmp_path / "c", size=16, workers=1)
    grades = pd.array([0, 0, 0, 1, 2, 3, 3, None], dtype="Int8")
    corpus = replace(corpus, index=corpus.index.assign(**{"label.Severity": grades}))
    after = describe(corpus).split("Severity, images of each grade\n")[1]
    assert [line.split() for line in after.splitlines()[:4]] == [
        ["0", "3"],
        ["1", "1"],
        ["2", "1"],
        ["3", "2"],
    ]


def test_a_corpus_without_labels_can_be_described(tmp_path, make_table):
    file = make_table(2)
    plain = file.with_name("plain.csv")
    plain.write_text("image,patient_id\nfilms/0000.png,1\nfilms/0001.png,2\n")
    corpus = build(open_source("table", root=plain), tmp_path / "c", size=16, workers=1)
    assert "Labels\nnone" in describe(corpus)


def test_a_sheet_shows_the_images_in_order_with_captions(make_table, tmp_path):
    source = open_source("table", root=make_table(7, {2: {"impression": "two\nlines " * 5_000}}))
    corpus = build(source, tmp_path / "c", size=16, workers=1)
    sheet(corpus, tmp_path / "sheet.png")
    drawn = np.asarray(Image.open(tmp_path / "sheet.png"))
    assert drawn.shape == (2 * (TILE + CAPTION), ACROSS * TILE)
    film = Image.fromarray(corpus.images[1]).resize((TILE - 4, TILE - 4))
    assert np.array_equal(drawn[2 : TILE - 2, TILE + 2 : 2 * TILE - 2], np.asarray(film))
    assert (drawn[TILE : TILE + CAPTION, :TILE] > 128).any()


@pytest.mark.parametrize(("height", "width"), [(40, 30), (30, 40)])
def test_a_sheet_marks_where_a_film_was_cut_and_says_how_much(tmp_path, height, width):
    for name, shape in (("cut", (height, width)), ("square", (40, 40))):
        write_film(tmp_path / f"{name}.png", seed=1, height=shape[0], width=shape[1])
    table = tmp_path / "t.csv"
    table.write_text("image,patient_id\ncut.png,1\nsquare.png,2\n")
    corpus = build(open_source("table", root=table), tmp_path / "c", size=16, fit="crop", workers=1)
    sheet(corpus, tmp_path / "sheet.png")
    drawn = np.asarray(Image.open(tmp_path / "sheet.png"))
    cut, square = drawn[:TILE, :TILE].copy(), drawn[:TILE, TILE : 2 * TILE].copy()
    for tile in (cut, square):  # the frame alone
        tile[2:-2, 2:-2] = 0
    assert not square.any()
    tall = height > width
    ends, others = (cut[[0, -1]], cut[5:-5, [0, -1]]) if tall else (cut[:, [0, -1]], cut[[0, -1]])
    assert (ends == 255).mean() > 0.4
    assert not tall or not others.any()
    words = drawn[TILE + 20 : TILE + 36]
    assert (words[:, :TILE] > 128).sum() > 2 * (words[:, TILE : 2 * TILE] > 128).sum()
    assert "cropped: films lost 25 % of their area on average, at most 25 %" in describe(corpus)


def test_the_letters_of_european_names_are_drawn():
    """A font draws a box for each letter that it lacks."""

    def drawn(letter: str) -> bytes:
        image = Image.new("L", (30, 30))
        ImageDraw.Draw(image).text((4, 4), letter, 255, _font())
        return image.tobytes()

    missing = drawn("\U000f0000")
    letters = "ŁłŃńŚśŻżŹźĄąĘęŐőŰűȘșȚțĂăÎîÑñÇçßÄÖÜäöüÆæØøÅåÐðÞþŠšČčŘřĎďĞğİıœ¿¡·…"
    greek_and_cyrillic = "ΑΒΓΔαβγδσςώПневмоторакіїЄЖЩъЂј"
    assert [letter for letter in letters + greek_and_cyrillic if drawn(letter) == missing] == []
    assert len({drawn(letter) for letter in letters}) == len(letters)


def test_one_split_is_described_alone(make_table, tmp_path):
    corpus = build(open_source("table", root=make_table(40)), tmp_path / "c", size=16, workers=1)
    count = len(corpus.rows("pool"))
    said = describe(corpus, "pool")
    assert f"{corpus.path}:pool: {count} images" in said
    assert "Cohort flow" not in said
    assert [
        line.split()[0] for line in said.splitlines() if line.startswith(("train", "pool"))
    ] == ["pool"]
    sheet(corpus, tmp_path / "whole.png")
    sheet(corpus, tmp_path / "pool.png", "pool")
    assert (tmp_path / "whole.png").read_bytes() != (tmp_path / "pool.png").read_bytes()
    with pytest.raises(CorpusError, match="no split 'bogus'"):
        describe(corpus, "bogus")
