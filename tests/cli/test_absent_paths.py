"""Every command says of a file or folder that is not there that it does not exist."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fixtures.commands import Radtex
from radtex.corpus.corpus import Corpus
from radtex.corpus.sources import SOURCES

OUT = ["--out", "OUT"]
NEXT = ["--targets", "Gout", *OUT]


@pytest.mark.parametrize(
    "words",
    [
        *(
            ["corpus", "build", source, "NONE", *OUT]
            for source in SOURCES
            if source not in ("phantom", "dicomweb")
        ),
        ["corpus", "build", "dicom", "FOLDER", "--reports", "NONE", *OUT],
        ["corpus", "build", "dicom", "FOLDER", "--labels", "NONE.csv", *OUT],
        ["corpus", "build", "mimic-cxr", "FOLDER", "--patients", "NONE", *OUT],
        ["corpus", "build", "phantom", "--studies", "2", "--backgrounds", "NONE", *OUT],
        ["corpus", "build", "phantom", "--studies", "2", "--backgrounds", "NONE:test", *OUT],
        ["corpus", "describe", "NONE"],
        ["corpus", "describe", "NONE:test"],
        ["corpus", "audit", "NONE"],
        ["label", "NONE", "t.csv"],
        ["label", "CORPUS", "NONE"],
        ["label", "NONE", "--undo"],
        ["next", "NONE", "--encoder", "random", *NEXT],
        ["next", "CORPUS", "--classifier", "NONE", *NEXT],
        ["pretrain", "NONE", *OUT],
        ["pretrain", "CORPUS", "--recipe", "NONE.yaml", *OUT],
        ["pretrain", "CORPUS", "--init", "file:NONE", *OUT],
        ["plan", "CORPUS", "--encoder", "NONE", "--targets", "Edema", "--budgets", "9"],
        ["recipes", "NONE.yaml"],
        ["runs", "NONE"],
        ["transfer", "NONE", "--encoders", "random", "--targets", "Edema", *OUT],
        ["transfer", "CORPUS", "--test", "NONE", "--encoders", "random", *NEXT],
        ["plan", "NONE", "--encoder", "random", "--targets", "Edema", "--budgets", "9"],
        ["predict", "NONE", "FILM"],
        ["validate", "NONE", "CORPUS", *OUT],
        ["generate", "NONE", "FILM", *OUT],
        ["generate", "RUN", "NONE.png", *OUT],
        ["generate", "RUN", "--corpus", "NONE", *OUT],
        ["generate", "RUN", "FILM", "--prompts", "NONE", *OUT],
        ["ask", "NONE", "FILM", "edema"],
        ["ask", "RUN", "NONE.png", "edema"],
        ["ask", "RUN", "--corpus", "NONE", "edema"],
        ["ask", "RUN", "FILM", "--finding", "Gout=NONE"],
        ["score", "NONE"],
        ["export", "NONE", "--to", "timm", *OUT],
        ["explain", "NONE", "FILM", *OUT],
        ["explain", "RUN", "NONE.png", *OUT],
        ["explain", "RUN", "--corpus", "NONE"],
        ["explain", "NONE", "FILM", "--target", "Edema", *OUT],
    ],
    ids=" ".join,
)
def test_what_is_not_there_does_not_exist(
    radtex_command: Radtex,
    phantom_corpus: Corpus,
    writing_run: Path,
    tmp_path: Path,
    words: Sequence[str],
) -> None:
    grey = np.tile(np.arange(64, dtype=np.uint8), (64, 1))
    (tmp_path / "folder").mkdir()
    Image.fromarray(grey).save(tmp_path / "film.png")
    places = {
        "NONE": tmp_path / "none",
        "OUT": tmp_path / "out",
        "FOLDER": tmp_path / "folder",
        "FILM": tmp_path / "film.png",
        "CORPUS": phantom_corpus.path,
        "RUN": writing_run,
    }
    for name, place in places.items():
        words = [word.replace(name, str(place)) for word in words]
    ended = radtex_command(*words)
    assert ended.status == 1
    assert "does not exist" in ended.err.splitlines()[-1], ended.err
    assert str(places["NONE"]) in ended.err.splitlines()[-1]
    assert not places["OUT"].exists()
