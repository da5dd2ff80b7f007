"""From a run and a film to a picture and arrays."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import radtex
from radtex.corpus.corpus import Corpus
from radtex.errors import ImageError, OutputError, RunError
from radtex.explaining import report_map as explaining
from radtex.explaining.attention import look
from radtex.images import fit
from radtex.pretraining.pretrain import pretrain
from radtex.pretraining.recipe import load_recipe

explain = partial(explaining.explain, maps="attention")
TEXT = "Moderate cardiomegaly. No edema. Small left pleural effusion."


@pytest.fixture(scope="module")
def run(run_of_context: Callable[[int], Path]) -> Path:
    return run_of_context(60)


@pytest.fixture(scope="module")
def film(phantom_corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("films") / "film.png"
    wide = np.pad(phantom_corpus.images[0], ((0, 0), (10, 26)))
    Image.fromarray(wide).save(path)
    return path


def test_draws_and_stores_the_maps_of_a_given_text(run: Path, film: Path, tmp_path: Path) -> None:
    out, arrays = tmp_path / "a.png", tmp_path / "a.npz"
    assert explain(run, film, out, TEXT, arrays) == TEXT.lower()
    assert Image.open(out).format == "PNG"
    with np.load(arrays) as stored:
        assert str(stored["text"]) == TEXT.lower()
        assert list(stored["words"]) == TEXT.lower().split()
        assert list(stored["findings"]) == ["Cardiomegaly", "Pleural Effusion"]
        assert tuple(stored["shape"]) == (64, 100)
        assert tuple(stored["extent"]) == (0, 100, 82, -18)
        pixels = fit(np.asarray(Image.open(film)), 64)[None]
        model = radtex.load(run)
        (looked,) = look(model, pixels, [model.writer()[1].encode(TEXT)])
        effusion = TEXT.lower().index("pleural")
        np.testing.assert_array_equal(
            stored["finding_maps"][1], looked.over(((effusion, len(TEXT) - 1),))
        )
        np.testing.assert_array_equal(stored["word_maps"][1], looked.over(((9, 22),)))
        for name in ("word_maps", "finding_maps"):
            np.testing.assert_allclose(stored[name].sum(axis=(1, 2)), 1, rtol=1e-5)


def test_explains_the_report_of_the_run_by_default(run: Path, film: Path, tmp_path: Path) -> None:
    pixels = fit(np.asarray(Image.open(film)), 64)[None]
    written = radtex.load(run).report(pixels)[0]
    assert len(written) > 20
    assert explain(run, film, tmp_path / "a.png") == written


def test_a_text_without_findings_has_no_maps_of_any(run: Path, film: Path, tmp_path: Path) -> None:
    arrays = tmp_path / "a.npz"
    explain(run, film, tmp_path / "a.png", "no edema.", arrays)
    with np.load(arrays) as stored:
        assert stored["findings"].shape == (0,)
        assert stored["finding_maps"].shape == (0, *stored["word_maps"].shape[1:])


def test_mistakes_end_in_one_line_and_write_nothing(run: Path, film: Path, tmp_path: Path) -> None:
    out = tmp_path / "out" / "a.png"
    damaged = tmp_path / "damaged.png"
    damaged.write_bytes(film.read_bytes()[:200])
    with pytest.raises(ImageError, match=r"damaged\.png is damaged"):
        explain(run, damaged, out, TEXT)
    with pytest.raises(ImageError, match=r"none\.png does not exist"):
        explain(run, tmp_path / "none.png", out, TEXT)
    with pytest.raises(RunError, match="context holds 60; shorten the text"):
        explain(run, film, out, "edema and " * 60)
    with pytest.raises(RunError, match="the text is empty"):
        explain(run, film, out, "  ")
    with pytest.raises(RunError, match="is no run"):
        explain(tmp_path, film, out, TEXT)
    assert not out.parent.exists()
    with pytest.raises(OutputError, match="already exists"):
        explain(run, film, damaged, TEXT)


def test_a_supervised_run_has_nothing_to_explain(
    phantom_corpus: Corpus, film: Path, tmp_path: Path
) -> None:
    recipe = load_recipe(
        "supervised-small", {"backbone": "test_resnet", "steps": 1, "targets": ["Edema"]}
    )
    run = pretrain(phantom_corpus, tmp_path / "run", recipe)
    with pytest.raises(RunError, match="cannot write"):
        explain(run, film, tmp_path / "a.png", TEXT)
