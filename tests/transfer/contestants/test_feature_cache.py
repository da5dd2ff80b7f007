"""Features kept on disk: found again, never mistaken for others, never trusted when damaged."""

import copy
import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from radtex.transfer.contestants.feature_cache import cache_folder
from radtex.transfer.contestants.features import extracted_features, pooled_features

ROWS = np.arange(40)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RADTEX_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "features"


def test_the_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RADTEX_CACHE", "/somewhere")
    assert cache_folder() == Path("/somewhere/features")
    monkeypatch.setenv("RADTEX_CACHE", "none")
    assert cache_folder() is None
    monkeypatch.delenv("RADTEX_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/kept")
    assert cache_folder() == Path("/kept/radtex/features")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache/radtex/features"


def test_pixels_are_encoded_once(cache: Path, corpus, contestant) -> None:
    it = contestant("a", "random")
    calls = []
    it.encoder.register_forward_hook(lambda *_: calls.append(1))
    first = pooled_features(it, corpus.images, ROWS)
    done = len(calls)
    again = pooled_features(replace(it, name="b"), corpus.images, ROWS)
    assert len(calls) == done > 0
    assert torch.equal(first, again)
    assert torch.equal(first, extracted_features(it, corpus.images, ROWS))
    assert [path.suffix for path in cache.iterdir()] == [".safetensors"]


def test_whatever_features_depend_on_is_in_the_key(cache: Path, corpus, contestant) -> None:
    it = contestant("a", "random")
    other_pixels = corpus.images.copy()
    other_pixels[3, 0, 0] ^= 1
    moved = replace(it, encoder=copy.deepcopy(it.encoder))
    moved.encoder.normalisation.running_mean[0] += 0.01
    variants = [
        (it, corpus.images, ROWS),
        (it, corpus.images, ROWS[::-1].copy()),
        (it, other_pixels, ROWS),
        (moved, corpus.images, ROWS),
        (replace(it, takes=replace(it.takes, mean=101.0)), corpus.images, ROWS),
        (replace(it, takes=replace(it.takes, size=32)), corpus.images, ROWS),
        (
            replace(it, takes=replace(it.takes, size=32, interpolation="bicubic")),
            corpus.images,
            ROWS,
        ),
    ]
    for contender, images, rows in variants:
        kept = pooled_features(contender, images, rows)
        assert torch.equal(kept, extracted_features(contender, images, rows))
    assert len(list(cache.iterdir())) == len(variants)


@pytest.mark.parametrize("how", ["truncated", "flipped"])
def test_a_damaged_file_is_replaced(
    how: str, cache: Path, corpus, contestant, caplog: pytest.LogCaptureFixture
) -> None:
    it = contestant("a", "random")
    good = pooled_features(it, corpus.images, ROWS)
    (path,) = cache.iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole[:-40] if how == "truncated" else whole[:-1] + bytes([whole[-1] ^ 1]))
    with caplog.at_level(logging.WARNING):
        assert torch.equal(pooled_features(it, corpus.images, ROWS), good)
    assert "are damaged" in caplog.text
    assert path.read_bytes() == whole


def test_a_folder_that_cannot_be_written_does_not_end_the_run(
    tmp_path: Path, monkeypatch, corpus, contestant, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("RADTEX_CACHE", str(tmp_path / "file"))
    it = contestant("a", "random")
    with caplog.at_level(logging.WARNING):
        kept = pooled_features(it, corpus.images, ROWS)
    assert torch.equal(kept, extracted_features(it, corpus.images, ROWS))
    assert "not kept" in caplog.text


def test_frozen_is_frozen_with_a_cache_too(cache: Path, corpus, contestant) -> None:
    it = contestant("a", "random")
    before = copy.deepcopy(it.encoder.state_dict())
    for _ in range(2):
        it.encoder.train()
        pooled_features(it, corpus.images, ROWS)
        assert not it.encoder.training
    assert len(list(cache.iterdir())) == 1
    assert all(torch.equal(value, before[name]) for name, value in it.encoder.state_dict().items())


def test_only_its_owner_may_enter_the_folder(cache: Path, corpus, contestant) -> None:
    cache.mkdir(parents=True)
    cache.chmod(0o755)
    pooled_features(contestant("a", "random"), corpus.images, ROWS)
    assert cache.stat().st_mode & 0o777 == 0o700
