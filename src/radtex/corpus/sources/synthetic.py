"""Synthetic radiographs with reports and labels, by seed; or synthetic signs on real films."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from itertools import cycle
from pathlib import Path

import numpy as np

from radtex import phantom
from radtex.corpus import normalise
from radtex.corpus.corpus import Corpus, named_split
from radtex.corpus.pseudonyms.pseudonyms import has_public_ids
from radtex.corpus.record import Decoded, Listing, Record, Source, Texts
from radtex.corpus.sources.backgrounds import Backgrounds, find_backgrounds
from radtex.images import Preprocessing


@dataclass(frozen=True)
class PhantomSource(Source):
    """Studies of one seed. A record's `source_path` is SEED/NUMBER, or SEED/NUMBER/ROW."""

    studies: int
    """How many there are."""
    seed: int = 0
    """Of all that is drawn."""
    backgrounds: Path | None = None
    """CORPUS[:SPLIT]; the signs are then drawn on its films without findings, in turn. A composite
    keeps its film's patient, age, sex and view."""

    name = "phantom"
    published = True
    expects = "nothing: --studies and --seed"
    origin = "drawn by radtex"

    @property
    def namespace(self) -> str:
        """That of the films' patients, so that a patient falls into one split in both corpora."""
        if self.backgrounds is None:
            return "phantom"
        return str(_opened(self.backgrounds)[0].index["patient_namespace"].iloc[0])

    @property
    def has_public_ids(self) -> bool:
        """As the films' patients are."""
        return self.backgrounds is None or has_public_ids(_opened(self.backgrounds)[0])

    @property
    def default_size(self) -> int:
        """At most 128 pixels, and no more than the films have."""
        return min(128, _opened(self.backgrounds)[0].size) if self.backgrounds else 128

    @cached_property
    def _films(self) -> Backgrounds | None:
        """Found once, by the listing; goes with the source to other processes."""
        if self.backgrounds is None:
            return None
        corpus, split = _opened(self.backgrounds)
        return find_backgrounds(corpus, self.seed, self.studies, split)

    def listing(self, encoding: str) -> Listing:
        """List the studies; there are no tables."""
        settings: dict[str, object] = {"studies": self.studies, "seed": self.seed}
        films = self._films
        if films is None:
            return Listing([self._drawn(number) for number in range(self.studies)], settings)
        assert self.backgrounds is not None
        corpus, split = _opened(self.backgrounds)
        settings |= {"backgrounds": str(films.path), "content": corpus.content_hash}
        settings |= {} if split is None else {"backgrounds_split": split}
        entries = [
            films.record(self.seed, number, row, corpus.index.iloc[row])
            for number, row in zip(range(self.studies), cycle(films.chests), strict=False)
        ]
        return Listing(entries, settings | {"films": films.counts})

    def pixels(self, record: Record, preprocessing: Preprocessing) -> Decoded:
        """Draw an image; the hash is that of its pixels."""
        seed, number, *row = map(int, record.source_path.split("/"))
        size, films = preprocessing.size, self._films
        if films is None:
            image = phantom.render(phantom.sample_study(seed, number), size)
        else:
            chest = films.chests[row[0]]
            signs = phantom.sample_signs(seed, number, chest, record.view)
            rng = np.random.default_rng([seed, number, 7])
            image = phantom.composite(films.film(row[0], size), chest, signs, rng)
        return Decoded(image, hashlib.sha256(image.tobytes()).hexdigest(), (size, size))

    def state(self, record: Record) -> str:
        """Return the path, which says all that the image is drawn from."""
        return record.source_path

    def _drawn(self, number: int) -> Record:
        study = phantom.sample_study(self.seed, number)
        return Record(
            image_id=study.study_id,
            study_id=study.study_id,
            patient_id=study.patient_id,
            source_path=f"{self.seed}/{number}",
            view=normalise.view(study.view),
            age=float(study.age),
            sex=normalise.sex(study.sex),
            texts=Texts(
                study.report.indication,
                study.report.findings,
                study.report.impression,
                study.report.text,
            ),
            labels=study.labels,
            boxes=phantom.boxes(study.signs, study.technique.positioning),
        )


def _opened(backgrounds: Path) -> tuple[Corpus, str | None]:
    folder, split = named_split(backgrounds)
    corpus = Corpus.open(folder)
    if split is not None:
        corpus.rows(split)
    return corpus, split
