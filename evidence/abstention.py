"""Measure how often a classifier abstains: on radiographs, on distorted ones, and on other images.

    python evidence/abstention.py CLASSIFIER CORPUS OTHER

Of CORPUS, such as one of nih320, only the test split is shown, which a classifier made of another
split never saw; the corpus's ledger notes it. OTHER is the folder of another archive: that of
covid-chestxray-dataset, or films with a `metadata.csv` like it. Images that are no
radiographs are drawn here, or come with scikit-learn, scikit-image and matplotlib. It prints a
Markdown table of the shares that get no answer, with Wilson's 95 % intervals over patients or
sources.
"""

import argparse
import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter

from radtex.classifiers.classifier import Classifier, load_classifier
from radtex.corpus.corpus import Corpus
from radtex.errors import ImageError
from radtex.images import fit, read_image
from radtex.statistics.proportion import proportion
from radtex.transfer.scorings import note_scoring

Picture = tuple[str, NDArray[np.uint8]]
"""A patient or source, and pixels, uint8 (H, W)."""

DRAWN = 100
SIDE = 256
WORDS = (
    "the of and to in a is that for it was on are as with his they at be this from have or by one"
)


def of_test(corpus: Corpus) -> list[Picture]:
    """Return the films of a corpus's test split."""
    rows = corpus.rows("test")
    patients = corpus.index["patient_id"].iloc[rows]
    return [(patient, corpus.images[row]) for patient, row in zip(patients, rows, strict=True)]


def other_archive(folder: Path, views: set[str]) -> list[Picture]:
    """Read the films of another archive that have one of these views."""
    table = pd.read_csv(folder / "metadata.csv", dtype=str)
    there = table[table["view"].isin(views)]
    return [
        (patient, read_image(folder / name))
        for patient, name in zip(there["patient_id"], there["image"], strict=True)
    ]


def photographs() -> list[Picture]:
    """Return each image that the packages bring, and its four quarters."""
    found = []
    for package, folder in (
        ("sklearn", "datasets/images"),
        ("skimage", "data"),
        ("matplotlib", "mpl-data/sample_data"),
    ):
        spec = importlib.util.find_spec(package)
        if spec is None or spec.origin is None:
            continue
        for path in sorted((Path(spec.origin).parent / folder).glob("*.[jp][pn]g")):
            try:
                whole = read_image(path)
            except ImageError:
                continue
            y, x = (side // 2 for side in whole.shape)
            parts = (whole, whole[:y, :x], whole[:y, x:], whole[y:, :x], whole[y:, x:])
            found += [
                (path.name, part)
                for part in parts
                if min(part.shape) >= 64 and part.min() < part.max()
            ]
    return found


def pages(rng: np.random.Generator) -> Iterator[Picture]:
    """Draw pages of words."""
    words = WORDS.split()
    for number in range(DRAWN):
        page = Image.new("L", (SIDE, SIDE), 255)
        step = int(rng.integers(10, 20))
        for y in range(8, SIDE - step, step):
            line = " ".join(rng.choice(words, rng.integers(4, 14)))
            ImageDraw.Draw(page).text((8, y), line, fill=0)
        yield f"page {number}", np.asarray(page)


def noise(rng: np.random.Generator) -> Iterator[Picture]:
    """Draw white noise."""
    for number in range(DRAWN):
        yield f"noise {number}", rng.integers(0, 256, (SIDE, SIDE), dtype=np.uint8)


def clouds(rng: np.random.Generator) -> Iterator[Picture]:
    """Draw smooth noise, as coarse as the anatomy of a film."""
    for number in range(DRAWN):
        values = gaussian_filter(rng.normal(size=(SIDE, SIDE)), rng.uniform(4, 40), mode="wrap")
        values = (values - values.min()) / np.ptp(values)
        yield f"cloud {number}", (255 * values).astype(np.uint8)


def gradients(rng: np.random.Generator) -> Iterator[Picture]:
    """Draw straight and round gradients of grey."""
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE - 0.5
    for number in range(DRAWN):
        angle = rng.uniform(0, 2 * np.pi)
        values = np.cos(angle) * x + np.sin(angle) * y
        if number % 2:
            values = np.hypot(x - rng.uniform(-0.5, 0.5), y - rng.uniform(-0.5, 0.5))
        yield (
            f"gradient {number}",
            (255 * (values - values.min()) / np.ptp(values)).astype(np.uint8),
        )


def row(classifier: Classifier, kind: str, name: str, pictures: list[Picture]) -> str:
    """Return the row of the table for one kind of images."""
    size, how = classifier.preprocessing.size, classifier.preprocessing.fit
    distances = np.concatenate(
        [
            classifier.abstention.familiarity.distance(
                classifier.features(
                    np.stack([fit(image, size, how) for _, image in pictures[start : start + 64]])
                )
            )
            for start in range(0, len(pictures), 64)
        ]
    )
    refused = distances > classifier.abstention.limit
    _, sources = np.unique([source for source, _ in pictures], return_inverse=True)
    share = proportion(refused, sources)
    return (
        f"| {kind} | {name} | {len(pictures)} | {np.median(distances):.2f} | "
        f"{share.value:.1%} [{share.low:.1%}, {share.high:.1%}] |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("classifier", type=Path)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("other", type=Path)
    options = parser.parse_args()
    classifier = load_classifier(options.classifier)
    corpus = Corpus.open(options.corpus)
    rng = np.random.default_rng(0)
    films = of_test(corpus)
    wrong: dict[str, Callable[[NDArray[np.uint8]], NDArray[np.uint8]]] = {
        "upside down": np.flipud,
        "on its side": np.rot90,
        "inverted": lambda film: 255 - film,
        "a quarter of it, enlarged": lambda film: film[: film.shape[0] // 2, : film.shape[1] // 2],
    }
    print("| kind | images | count | median distance | abstains |\n|---|---|---|---|---|")
    print(row(classifier, "radiograph", f"{corpus.path.name}, test patients", films), flush=True)
    note_scoring(
        (corpus, corpus.rows("test")), "abstention", [options.classifier.resolve().name], None
    )
    for name, views in (
        ("another archive, PA", {"PA"}),
        ("another archive, AP", {"AP", "AP Supine"}),
    ):
        print(row(classifier, "radiograph", name, other_archive(options.other, views)), flush=True)
    print(
        row(classifier, "lateral", "another archive", other_archive(options.other, {"L"})),
        flush=True,
    )
    for name, change in wrong.items():
        changed = [(who, np.ascontiguousarray(change(film))) for who, film in films]
        print(row(classifier, "wrong film", name, changed), flush=True)
    for name, pictures in (
        ("photographs and their quarters", photographs()),
        ("pages of text", list(pages(rng))),
        ("white noise", list(noise(rng))),
        ("smooth noise", list(clouds(rng))),
        ("gradients", list(gradients(rng))),
    ):
        print(row(classifier, "no radiograph", name, pictures), flush=True)


if __name__ == "__main__":
    main()
