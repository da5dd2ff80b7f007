"""Patients are recognised by who has their ids and the key, and by nobody else."""

import hashlib
import hmac
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from radtex.corpus.build import build
from radtex.corpus.corpus import Corpus
from radtex.corpus.pseudonyms.pseudonyms import (
    KEYLESS,
    NOBODY,
    PUBLIC,
    KeyedPatients,
    Pseudonyms,
    has_public_ids,
)
from radtex.corpus.pseudonyms.site_key import VARIABLE, fingerprint, own_site_key
from radtex.corpus.sources import open_source
from radtex.errors import SiteKeyError


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site of its own, which has no key yet."""
    file = tmp_path / "site.key"
    monkeypatch.setenv(VARIABLE, str(file))
    return file


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def own(corpus: Corpus) -> Corpus:
    """The same, as if it were one's own data."""
    return replace(corpus, info=corpus.info | {"source": {"name": "table", "public_ids": False}})


def hashes(seen: Pseudonyms) -> set[str]:
    return {line for line in seen.text().splitlines() if not line.startswith("{")}


def all_of(corpus: Corpus) -> Pseudonyms:
    return Pseudonyms.of_corpus(corpus, np.arange(len(corpus.index)))


def test_public_ids_are_hashed_alike_everywhere_and_need_no_key(
    phantom_corpus: Corpus, site: Path
) -> None:
    (keyed,) = all_of(phantom_corpus).of_keys.items()
    assert keyed[0] == PUBLIC
    secret = b"patients of public archives"
    assert keyed[1] == KeyedPatients(
        frozenset(
            hmac.new(secret, sha256(patient).encode(), hashlib.sha256).hexdigest()
            for patient in phantom_corpus.patients
        ),
        frozenset({"phantom"}),
    )
    assert not site.exists()


def test_ones_own_patients_cannot_be_guessed_without_the_key(
    phantom_corpus: Corpus, site: Path
) -> None:
    seen = all_of(own(phantom_corpus))
    assert list(seen.of_keys) == [fingerprint(site.read_bytes())]
    text = seen.text()
    for patient in phantom_corpus.patients:
        assert patient not in text
        assert sha256(patient) not in text
    assert not hashes(seen) & hashes(all_of(phantom_corpus))
    assert site.read_bytes().hex() not in text
    assert seen == all_of(own(phantom_corpus))
    site.unlink()
    assert not hashes(seen) & hashes(all_of(own(phantom_corpus)))


@pytest.mark.parametrize("public", [True, False])
def test_shared_patients_are_counted_whatever_the_corpus_was_built_from(
    phantom_corpus: Corpus, site: Path, public: bool
) -> None:
    learnt = phantom_corpus if public else own(phantom_corpus)
    rows = learnt.rows("train")
    seen = Pseudonyms.of_corpus(learnt, rows)
    assert len(seen) == len(set(learnt.patients[rows]))
    elsewhere = [f"other:{patient}" for patient in learnt.index["patient_id"]]
    assert seen.shared_with([*learnt.patients, *elsewhere]).shared == len(seen)
    assert seen.shared_with(learnt.patients[learnt.rows("test")]) == (0, ())
    assert seen.shared_with(elsewhere) == (0, ())
    assert site.exists() is not public


def test_what_another_key_hides_is_said_not_to_be_known(phantom_corpus: Corpus, site: Path) -> None:
    seen = all_of(own(phantom_corpus))
    first = fingerprint(site.read_bytes())
    site.unlink()
    shared, (why,) = seen.shared_with(phantom_corpus.patients)
    assert (shared, why) == (0, f"the site key {first}, which hides them, is not on this machine")
    second = fingerprint(own_site_key())
    _, (why,) = seen.shared_with(phantom_corpus.patients)
    assert why == f"they are hidden by the site key {first}, and this site's is {second}"
    assert seen.shared_with(["nih:1"]) == (0, ())  # nobody of that namespace can be among them
    both = seen.joined(Pseudonyms.of_corpus(phantom_corpus, np.arange(3)))
    assert both.shared_with(phantom_corpus.patients[:1]).shared == 1
    assert both.shared_with(phantom_corpus.patients[:1]).unchecked == (why,)


def test_a_key_that_others_may_read_stops_the_comparison(
    phantom_corpus: Corpus, site: Path
) -> None:
    seen = all_of(own(phantom_corpus))
    site.chmod(0o644)
    with pytest.raises(SiteKeyError, match="chmod 600"):
        seen.shared_with(phantom_corpus.patients)


def test_hashes_of_earlier_versions_are_compared_and_then_hidden(
    phantom_corpus: Corpus, site: Path
) -> None:
    early = Pseudonyms.parse("".join(f"{sha256(each)}\n" for each in phantom_corpus.patients))
    assert list(early.of_keys) == [KEYLESS]
    assert early.shared_with([*phantom_corpus.patients, "nih:1"]) == (len(early), ())
    assert not site.exists()
    later = early.hidden()
    assert list(later.of_keys) == [fingerprint(site.read_bytes())]
    assert not hashes(later) & hashes(early)
    assert later.shared_with(phantom_corpus.patients) == (len(early), ())
    known = later.joined(all_of(own(phantom_corpus)))
    assert len(known) == len(early)
    assert known.hidden() == known


def test_a_written_file_reads_the_same(phantom_corpus: Corpus, site: Path) -> None:
    del site
    seen = all_of(own(phantom_corpus)).joined(
        all_of(phantom_corpus), Pseudonyms({"k": KeyedPatients(frozenset({"a" * 64}), None)})
    )
    assert Pseudonyms.parse(seen.text()) == seen
    assert Pseudonyms.parse(NOBODY.text()) == NOBODY
    assert not NOBODY


@pytest.mark.parametrize(
    "text", ["half a li", "A" * 64, "a" * 63, "{", '{"namespaces": []}', '{"key": 1}', "{}"]
)
def test_a_damaged_file_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Pseudonyms.parse(text)


def test_earlier_corpora_are_known_by_their_source(phantom_corpus: Corpus, tmp_path: Path) -> None:
    def early(**source: object) -> bool:
        return has_public_ids(replace(phantom_corpus, info={"source": source}))

    assert early(name="nih")
    assert early(name="phantom")
    assert not early(name="dicom")
    assert not early(name="no source of that name")
    assert not has_public_ids(replace(phantom_corpus, info={}))
    assert early(name="phantom", backgrounds=str(phantom_corpus.path))
    assert not early(name="phantom", backgrounds=str(tmp_path / "gone"))


def test_signs_on_films_of_ones_own_are_ones_own(phantom_corpus: Corpus, tmp_path: Path) -> None:
    films = tmp_path / "films"
    films.mkdir()
    for file in phantom_corpus.path.iterdir():
        (films / file.name).write_bytes(file.read_bytes())
    assert open_source("phantom", studies=4, backgrounds=films).has_public_ids
    told = (films / "corpus.json").read_text()
    assert '"public_ids": true' in told
    (films / "corpus.json").write_text(told.replace('"public_ids": true', '"public_ids": false'))
    assert not open_source("phantom", studies=4, backgrounds=films).has_public_ids


def test_a_build_of_ones_own_data_makes_the_key_and_keeps_it_out_of_the_corpus(
    make_table, site: Path, tmp_path: Path
) -> None:
    corpus = build(open_source("table", root=make_table(8)), tmp_path / "c", size=16, workers=1)
    key = site.read_bytes()
    assert corpus.info["source"]["public_ids"] is False
    for file in corpus.path.iterdir():
        content = file.read_bytes()
        for spelt in (key, key.hex().encode(), fingerprint(key).encode()):
            assert spelt not in content


def test_a_build_that_cannot_keep_a_key_is_refused_before_the_work(
    make_table, site: Path, tmp_path: Path
) -> None:
    site.mkdir()
    with pytest.raises(SiteKeyError, match="is no plain file"):
        build(open_source("table", root=make_table(8)), tmp_path / "c", size=16, workers=1)
    assert not (tmp_path / "c").exists()
