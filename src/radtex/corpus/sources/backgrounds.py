"""The films of a corpus on which the phantom's signs can be drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radtex import phantom
from radtex.corpus.corpus import Corpus
from radtex.corpus.on_disk.corpus_files import IMAGES_FILE
from radtex.corpus.readings.label_sources import LABEL_PREFIX
from radtex.corpus.record import Record, Texts
from radtex.errors import CorpusError
from radtex.images import fit
from radtex.progress import progress_bar

_BATCH, _TASK = 512, 16


@dataclass(frozen=True)
class Backgrounds:
    """Frontal films without findings whose chest was found, in an order drawn by seed."""

    path: Path
    """Their corpus."""
    chests: Mapping[int, phantom.Chest]
    """The chest of each film, by row of the corpus's index."""
    counts: Mapping[str, int]
    """How many films there were, and what became of them."""

    def film(self, row: int, size: int) -> NDArray[np.uint8]:
        """Return one film, uint8 (size, size).

        Raises:
            CorpusError: if the films of the corpus are smaller.
        """
        film = _film(self.path, row)
        if len(film) < size:
            raise CorpusError(
                f"the films of {self.path} have {len(film)} pixels; ask for --size {len(film)} or "
                f"less, not {size}"
            )
        return fit(film, size)

    def record(self, seed: int, number: int, row: int, about: "pd.Series[Any]") -> Record:
        """Return a study as it is drawn on one film.

        Args:
            seed: of all studies.
            number: of this study.
            row: of the film, in the corpus's index.
            about: what the index says of the film.
        """
        age = None if pd.isna(about["age"]) else float(about["age"])
        signs = phantom.sample_signs(seed, number, self.chests[row], about["view"])
        report = phantom.report_composite(seed, number, signs, about["sex"], age)
        study_id = f"c{seed}-{number:07d}"
        return Record(
            image_id=study_id,
            study_id=study_id,
            patient_id=about["patient_id"],
            source_path=f"{seed}/{number}/{row}",
            view=about["view"],
            age=age,
            sex=about["sex"],
            texts=Texts(report.indication, report.findings, report.impression, report.text),
            labels=phantom.labels_of(signs),
            boxes=phantom.boxes(signs, self.chests[row].positioning),
        )


def find_backgrounds(
    corpus: Corpus, seed: int, wanted: int, split: str | None = None
) -> Backgrounds:
    """Find films to draw on.

    Films whose lungs cannot be found, or whose heart or diaphragm does not look normal to the fit
    (`Chest.is_usable`), are passed over.

    Args:
        corpus: where the films are.
        seed: of their order.
        wanted: how many films are enough.
        split: that they are of; None for any.

    Raises:
        CorpusError: if no film is left, or the corpus has no such split.
    """
    candidates = films_without_findings(corpus)
    if split is not None:
        candidates = np.intersect1d(candidates, corpus.rows(split))
    order = np.random.default_rng([seed, 6]).permutation(candidates).tolist()
    chests: dict[int, phantom.Chest] = {}
    tried = 0
    with (
        joblib.Parallel(n_jobs=-1) as parallel,
        progress_bar("finding chests", min(wanted, len(order)), "films") as bar,
    ):
        while len(chests) < wanted and tried < len(order):
            batch = order[tried : tried + min(_BATCH, wanted - len(chests))]
            tasks = [batch[at : at + _TASK] for at in range(0, len(batch), _TASK)]
            found = parallel(joblib.delayed(_fit)(corpus.path, task) for task in tasks)
            tried += len(batch)
            fitted = zip(batch, (chest for chests in found for chest in chests), strict=True)
            usable = {row: chest for row, chest in fitted if chest.is_usable}
            chests |= usable
            bar.advance(len(usable))
    if not chests:
        raise CorpusError(
            f"{corpus.path} has {len(order)} frontal films without findings, and the lungs could "
            "be found on none; films of which every label is 0 or blank were expected"
        )
    counts = {"without findings": len(order), "tried": tried, "used": len(chests)}
    return Backgrounds(corpus.path, chests, counts)


def films_without_findings(corpus: Corpus) -> NDArray[np.int64]:
    """Return the rows of frontal films (or of unknown view) without a present or uncertain finding.

    Where the corpus has the label No Finding, it must be 1; else some label must be 0.
    """
    findings = [name for name in corpus.label_names if name != "No Finding"]
    labels = corpus.index[[LABEL_PREFIX + name for name in findings]].to_numpy(
        dtype=np.float32, na_value=np.nan
    )
    normal = ~((labels == 1) | (labels == -1)).any(axis=1)
    if "No Finding" in corpus.label_names:
        normal &= (corpus.index[LABEL_PREFIX + "No Finding"] == 1).to_numpy(bool, na_value=False)
    else:
        normal &= (labels == 0).any(axis=1)
    normal &= corpus.index["view"].isin(["PA", "AP", ""]).to_numpy()
    return np.flatnonzero(normal).astype(np.int64)


def _film(path: Path, row: int) -> NDArray[np.uint8]:
    return np.array(np.load(path / IMAGES_FILE, mmap_mode="r")[row])


def _fit(path: Path, rows: list[int]) -> list[phantom.Chest]:
    return [phantom.fit_chest(_film(path, row)) for row in rows]
