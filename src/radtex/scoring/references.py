"""What the references of a score must be: the corpus's own words, and written for their image."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radtex.corpus.corpus import Corpus
from radtex.errors import CorpusError, ProtocolError
from radtex.generation.written import SECTIONS, WrittenReports

MOST_RECURRING = 0.5
"""Share of references that may stand with other patients too. Reports without findings are often
worded alike: of Open-i's reports 22 % recur in another half of its patients, of the phantom's 4 %,
but 78 % where reports were dealt to images by their labels."""


def rows_of(written: WrittenReports, corpus: Corpus, split: str | None = None) -> NDArray[np.int64]:
    """The corpus row of each report.

    Args:
        written: the reports.
        corpus: that holds their images.
        split: that all of them are to be of; None for any.

    Raises:
        CorpusError: if the corpus lacks an image, or one is of another split.
    """
    rows = pd.Index(corpus.index["image_id"]).get_indexer(pd.Index(written.image_ids))
    if (rows < 0).any():
        first = written.image_ids[int((rows < 0).argmax())]
        raise CorpusError(
            f"{(rows < 0).sum()} images of {written.path} are not in {corpus.path} (the first is "
            f"{first}); name the corpus that the reports were written for with --corpus"
        )
    elsewhere = np.zeros(len(rows), bool) if split is None else ~np.isin(rows, corpus.rows(split))
    if elsewhere.any():
        raise CorpusError(
            f"{elsewhere.sum()} images of {written.path} are not in the split {split} of "
            f"{corpus.path} (the first is {written.image_ids[int(elsewhere.argmax())]}); name the "
            "corpus without a split, or write the reports of that split"
        )
    return np.asarray(rows, dtype=np.int64)


def refuse_changed(written: WrittenReports, corpus: Corpus, rows: NDArray[np.int64]) -> None:
    """Refuse references that are not what the corpus holds in their stated sections.

    White space does not count. References that state no sections are taken as they are.

    Raises:
        CorpusError: if a reference differs.
    """
    columns = {name: corpus.index[name].to_numpy() for name in SECTIONS}
    changed = [
        image
        for image, row, reference, sections in zip(
            written.image_ids, rows, written.references, written.sections, strict=True
        )
        if sections
        and reference.split() != " ".join(columns[name][row] for name in sections).split()
    ]
    if changed:
        raise CorpusError(
            f"{len(changed)} references of {written.path} are not those of {corpus.path} (the "
            f"first is of {changed[0]}); references are scored untouched, so write the file again"
        )


def recurring_share(corpus: Corpus, rows: NDArray[np.int64]) -> float:
    """Share of `rows` whose report stands word for word with another patient's train image.

    A report is its findings and impression together, whatever sections are scored: an impression
    alone recurs by nature. Case and white space do not count.

    Raises:
        ProtocolError: if it is above `MOST_RECURRING`.
    """
    reports, patients = _reports(corpus.index), corpus.patients
    seen: dict[str, set[str]] = {}
    for row in corpus.rows("train"):
        seen.setdefault(reports[row], set()).add(patients[row])
    share = float(np.mean([bool(seen.get(reports[row], set()) - {patients[row]}) for row in rows]))
    if share > MOST_RECURRING:
        raise ProtocolError(
            f"{share:.0%} of the references stand word for word with other patients in the train "
            f"split of {corpus.path}, above {MOST_RECURRING:.0%}: its reports were not written "
            "for one study each, so no score of texts holds there; score on another corpus"
        )
    return share


def _reports(index: pd.DataFrame) -> Sequence[str]:
    texts = zip(index["findings"], index["impression"], strict=True)
    return ["\n".join(" ".join(text.lower().split()) for text in pair) for pair in texts]
