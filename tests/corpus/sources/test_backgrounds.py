"""The films that a phantom's signs are drawn on."""

from dataclasses import replace

import pytest

from radtex import phantom
from radtex.corpus.sources import open_source
from radtex.corpus.sources.backgrounds import films_without_findings, find_backgrounds
from radtex.errors import CorpusError
from radtex.images import Preprocessing


def test_backgrounds_are_not_enlarged_and_must_have_films_without_findings(films, monkeypatch):
    monkeypatch.setattr("radtex.phantom.chest_fit.LEAST_FIT", 0.65)
    source = open_source("phantom", studies=3, seed=1, backgrounds=films.path)
    assert source.default_size == films.size == 96
    record = source.listing("utf-8").entries[0]
    with pytest.raises(CorpusError, match=r"films .* have 96 pixels; ask for --size 96 or less"):
        source.pixels(record, Preprocessing(128))
    index = films.index.assign(**{"label.Edema": 1})
    assert not len(films_without_findings(replace(films, index=index)))
    with pytest.raises(CorpusError, match="0 frontal films without findings"):
        find_backgrounds(replace(films, index=index), 0, 5)


def test_no_finding_decides_where_there_is_such_a_label(films):
    normal = films_without_findings(films)
    stated = films.index.assign(**{"label.No Finding": 0})
    stated.loc[normal[:3], "label.No Finding"] = 1
    assert films_without_findings(replace(films, index=stated)).tolist() == normal[:3].tolist()
    lateral = films.index.assign(view="LATERAL")
    assert not len(films_without_findings(replace(films, index=lateral)))


def test_the_chest_is_found_on_most_real_films_without_findings(real_data):
    nih = open_source("nih", root=real_data / "nih128")
    entries = [entry for entry in nih.listing("utf-8").entries if not any(entry.labels.values())]
    films = [nih.pixels(entry, Preprocessing(128))[0] for entry in entries[::160]]
    usable = [phantom.fit_chest(film).is_usable for film in films]
    assert 0.55 < sum(usable) / len(usable) < 0.95


def test_backgrounds_may_be_of_one_split(films, monkeypatch):
    monkeypatch.setattr("radtex.phantom.chest_fit.LEAST_FIT", 0.65)
    split = films.index["split"].iloc[films_without_findings(films)[0]]
    source = open_source("phantom", studies=2, seed=1, backgrounds=f"{films.path}:{split}")
    listing = source.listing("utf-8")
    assert {films.index["split"].iloc[row] for row in source._films.chests} == {split}
    assert dict(listing.settings)["backgrounds_split"] == split
    with pytest.raises(CorpusError, match="no split 'bogus'"):
        open_source("phantom", studies=2, backgrounds=f"{films.path}:bogus").listing("utf-8")
