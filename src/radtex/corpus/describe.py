"""What a corpus holds, in words and as a contact sheet."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw, ImageFont

from radtex.corpus.corpus import Corpus
from radtex.corpus.cropping import Crop, Sides, crop_of_flags
from radtex.corpus.flow import flow_table
from radtex.corpus.readings.label_sources import LABEL_PREFIX, LABEL_SOURCES
from radtex.corpus.readings.label_table import label_state
from radtex.corpus.splits import SPLITS
from radtex.corpus.text_labels import NOT_UNDERSTOOD
from radtex.files import whole_file
from radtex.reports import priors_rate

TILES, ACROSS, TILE, CAPTION = 20, 5, 256, 64
"""A sheet of 20 images, five in a row, 256 pixels wide, with captions of 64 pixels."""

_SECTIONS = ("indication", "findings", "impression", "report")


def describe(corpus: Corpus, split: str | None = None) -> str:
    """Return cohort flow, splits, views, patients, text lengths and label counts as plain text.

    Args:
        corpus: the corpus.
        split: to be described alone, without the cohort flow of the build.

    Raises:
        CorpusError: if the corpus has no rows of that split.
    """
    whole = corpus
    if split is not None:
        corpus = replace(corpus, index=corpus.index.iloc[corpus.rows(split)].reset_index(drop=True))
    index, info = corpus.index, corpus.info
    patients = pd.Series(corpus.patients)
    splits = [split for split in SPLITS if (index["split"] == split).any()]
    heading = (
        f"{corpus.path}{'' if split is None else ':' + split}: {len(index):,} images of "
        f"{corpus.size} x {corpus.size} pixels, "
        f"{index['study_id'].nunique():,} studies, {patients.nunique():,} patients, "
        f"from {info['source']['name']}"
    )
    by_split = pd.DataFrame(
        {
            "images": index["split"].value_counts(),
            "patients": patients.groupby(index["split"].to_numpy()).nunique(),
        }
    ).reindex(splits)
    views = index["view"].replace("", "unknown").value_counts()
    of_all = "" if split is None else " (of the whole corpus)"
    parts = [
        heading,
        *([f"Cohort flow\n{flow_table(info.get('flow', []))}"] if split is None else []),
        f"Splits\n{by_split.to_string()}",
        f"Views\n{views.to_string(header=False)}".replace("view\n", ""),
        f"Words of text, where there is any\n{_text_lengths(index).to_string()}",
        f"Reports that refer to earlier studies: {_priors_rate(index):.1%}",
        f"Reports that are not understood: {_not_understood_rate(index):.1%}",
        f"Labels\n{_label_counts(corpus, splits).to_string() if corpus.label_names else 'none'}",
        *_grades(corpus),
        *_label_sources(corpus, whole),
        f"Grey levels: mean {corpus.mean:.1f}, standard deviation {corpus.std:.1f}{of_all}",
        f"Content{of_all}: {corpus.content_hash}",
    ]
    return "\n\n".join(parts)


def sheet(corpus: Corpus, path: Path, split: str | None = None) -> None:
    """Write a PNG of up to `TILES` images, evenly spaced over the index, with captions.

    Where `--fit crop` cut a film, a dashed line stands beside it, and its caption says how much
    of the area was lost.

    Args:
        corpus: the corpus.
        path: the file to make.
        split: whose images are shown; None for all.

    Raises:
        CorpusError: if the corpus has no rows of that split.
    """
    rows = np.arange(len(corpus.index)) if split is None else corpus.rows(split)
    chosen = rows[np.unique(np.linspace(0, len(rows) - 1, TILES).round().astype(int))]
    down = -(-len(chosen) // ACROSS)
    canvas = Image.new("L", (ACROSS * TILE, down * (TILE + CAPTION)), 0)
    draw = ImageDraw.Draw(canvas)
    font = _font()
    for place, row in enumerate(chosen):
        left, top = place % ACROSS * TILE, place // ACROSS * (TILE + CAPTION)
        tile = Image.fromarray(corpus.images[row]).resize((TILE - 4, TILE - 4))
        canvas.paste(tile, (left + 2, top + 2))
        crop = crop_of_flags(json.loads(corpus.index["flags"].iloc[row]))
        if crop is not None:
            _mark_cuts(draw, left, top, crop.sides)
        for line, words in enumerate(_caption(corpus, int(row), crop)):
            shown = " ".join(words.split())[:80]
            while draw.textlength(shown, font) > TILE - 8:
                shown = shown.removesuffix("…")[:-1] + "…"
            draw.text((left + 4, top + TILE + 2 + 18 * line), shown, 235, font)
    with whole_file(path) as aside:
        canvas.save(aside, format="PNG")


def _text_lengths(index: pd.DataFrame) -> pd.DataFrame:
    lengths = {}
    for section in _SECTIONS:
        words = index[section].map(lambda text: len(text.split()))
        words = words[words > 0]
        quartiles = words.quantile([0.25, 0.5, 0.75, 1.0]).fillna(0).astype(int).tolist()
        lengths[section] = [len(words), *quartiles]
    columns = ["images", "25 %", "median", "75 %", "longest"]
    return pd.DataFrame.from_dict(lengths, orient="index", columns=columns)


def _label_counts(corpus: Corpus, splits: Sequence[str]) -> pd.DataFrame:
    """Count present, absent, uncertain and blank, and the present in each split."""
    rows = {}
    for name in corpus.label_names:
        values = corpus.index[LABEL_PREFIX + name]
        counts = [int((values == value).sum()) for value in (1, 0, -1)]
        present = [int((values[corpus.index["split"] == split] == 1).sum()) for split in splits]
        rows[name] = [*counts, int(values.isna().sum()), *present]
    columns = ["present", "absent", "uncertain", "blank", *splits]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def _grades(corpus: Corpus) -> list[str]:
    """Count each value of the labels that hold grades."""
    parts = []
    for name in corpus.label_names:
        values = corpus.index[LABEL_PREFIX + name].dropna()
        if (values > 1).any():
            counts = values.value_counts().sort_index().to_string(header=False)
            parts.append(f"{name}, images of each grade\n{counts}".replace(f"{values.name}\n", ""))
    return parts


def _label_sources(corpus: Corpus, whole: Corpus) -> list[str]:
    """Count the labels by where they come from, and say whose the human ones are."""
    names = corpus.label_names
    sources = corpus.label_sources(names)
    if not np.isin(sources, ["human", "report"]).any():
        return []
    counts = pd.DataFrame(
        {source: (sources == source).sum(0) for source in LABEL_SOURCES}, index=list(names)
    )
    parts = [f"Labels by source\n{counts.to_string()}"]
    if (sources == "human").any():
        parts.append("\n".join(label_state(whole)))
    return parts


def _priors_rate(index: pd.DataFrame) -> float:
    return priors_rate(f"{row.findings}\n{row.impression}" for row in index.itertuples())


def _not_understood_rate(index: pd.DataFrame) -> float:
    """Return the share of the images with findings or impression whose text says nothing known."""
    texts = (index["findings"] != "") | (index["impression"] != "")
    flagged = index["flags"].map(lambda flags: NOT_UNDERSTOOD in json.loads(flags))
    return float(flagged.sum() / max(texts.sum(), 1))


def _font() -> ImageFont.FreeTypeFont:
    """Return a font with the letters of European languages, Greek and Cyrillic."""
    from matplotlib import get_data_path

    return ImageFont.truetype(Path(get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf", 13)


def _mark_cuts(draw: ImageDraw.ImageDraw, left: int, top: int, sides: Sides) -> None:
    """Draw a dashed line beside a tile where its film was cut."""
    for start in range(4, TILE - 8, 12):
        for edge in (0, TILE - 2):
            if sides == "top and bottom":
                draw.rectangle((left + start, top + edge, left + start + 7, top + edge + 1), 255)
            else:
                draw.rectangle((left + edge, top + start, left + edge + 1, top + start + 7), 255)


def _caption(corpus: Corpus, row: int, crop: Crop | None) -> list[str]:
    record = corpus.index.iloc[row]
    age = "" if pd.isna(record["age"]) else f"{record['age']:.0f}"
    cut = "" if crop is None else f"· {crop.percent} % cropped"
    about = [record["split"], record["view"], record["sex"], age, cut]
    present = [
        name
        for name in corpus.label_names
        if record[LABEL_PREFIX + name] is not pd.NA and record[LABEL_PREFIX + name] == 1
    ]
    text = record["impression"] or record["findings"]
    return [record["image_id"], " ".join(filter(None, about)), ", ".join(present) or text]
