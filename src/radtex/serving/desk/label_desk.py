"""The desk where films are labelled: which come next, what was said, what the labels are worth."""

import csv
import io
import logging
import secrets
import tempfile
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np

from radtex.classifiers.classifier import is_classifier, read_facts
from radtex.classifiers.onnx_folder import is_onnx_folder
from radtex.corpus.corpus import Corpus
from radtex.corpus.readings.apply import CHOSEN_BY, REPORT_SEEN, with_readings
from radtex.corpus.readings.journal import Journal, Readings
from radtex.corpus.readings.random_order import places
from radtex.errors import RadtexError, RunError
from radtex.findings import EDEMA_SEVERITY, NINE, NO_FINDING, target_names
from radtex.labelling.next_films import next_films
from radtex.serving.desk.label_journal import (
    LabelEntry,
    LabelJournal,
    readings_of,
    seen_reports,
    values_of,
)
from radtex.serving.problems import ProblemError
from radtex.spreadsheet_cells import shielded, unshielded

_log = logging.getLogger(__name__)

State = Literal["choosing", "ready", "done", "failed"]
BATCH = 50
"""Films that are chosen at a time."""
_SPARE = 10
"""Films left for a reader at which more are chosen."""
_WORDS = {1: "1", 0: "0", -1: "-1"}


class LabelDesk:
    """Films in the order of `radtex next`, and the labels of several readers."""

    def __init__(self, corpus: Corpus, models: Sequence[Path], targets: Sequence[str]) -> None:
        """Open the labels of a corpus; `choose` finds the films.

        Args:
            corpus: whose films are labelled.
            models: that are served; they choose the films.
            targets: findings or sets; () for those of the classifier, else of the corpus.

        Raises:
            RunError: if no model can choose films.
        """
        self.corpus, self.journal = corpus, LabelJournal(corpus.path)
        self._classifier = next((path for path in models if is_classifier(path)), None)
        self.run = next(
            (path for path in models if not is_classifier(path) and not is_onnx_folder(path)), None
        )
        if self._classifier is None and self.run is None:
            raise RunError(
                "an export to ONNX cannot choose the films to label; serve its classifier, or a run"
            )
        self.targets = tuple(target_names(targets)) if targets else self._usual_targets()
        self._rows = {image: row for row, image in enumerate(corpus.index["image_id"])}
        self._keys = corpus.patients + "\0" + corpus.index["study_id"].to_numpy(object)
        images = corpus.index["image_id"].groupby(self._keys)
        self._studies = {
            image: tuple(group) for _, group in images if len(group) > 1 for image in group
        }
        # Whoever labelled before a server was started again: all readers go through those films.
        self._queue = {
            self._rows[each.film]: each.chosen_by
            for each in self.journal.standing
            if each.film in self._rows
        }
        self._state: State = "choosing"
        self._choosing, self._appending = threading.Lock(), threading.Lock()
        self._why = ""

    def choose(self) -> None:
        """Choose further films, by the labels so far.

        Called again while it works, it does nothing.
        """
        if not self._choosing.acquire(blocking=False):
            return
        try:
            chosen = self._chosen()
            self._append(chosen)
            self._state = "ready"
        except RadtexError as error:
            every = "has a label" in str(error)
            self._state = "done" if every else "failed"
            self._why = str(error)
            if every and "" in self._queue.values():  # films with labels were asked for before
                self.choose_labelled("")
            elif not every:
                _log.error("no films to label can be chosen: %s", error)
        finally:
            self._choosing.release()

    def why_done(self) -> str:
        """Say why no film comes, in a sentence; "" where films come, or one was just finished."""
        if self._state == "done":
            return f"Every study of the pool has a label of {', '.join(self.targets)} already."
        return f"{self._why[:1].upper()}{self._why[1:]}." if self._state == "failed" else ""

    def labelled_films(self, reader: str) -> list[int]:
        """Return films of the pool, one of each study, that a reader did not finish.

        They are in the random order of studies, and most have labels, of others or of the archive.
        """
        try:
            rows = self.corpus.rows("pool")
        except RadtexError:
            return []
        done, queued, seen = self._done(reader), self._queue, set()
        order = places(
            self.corpus.patients[rows].tolist(), self.corpus.index["study_id"].iloc[rows].tolist()
        )
        found = []
        for row in rows[np.argsort(order, kind="stable")].tolist():
            if self._keys[row] not in seen and row not in done and row not in queued:
                found.append(row)
            seen.add(self._keys[row])
        return found

    def choose_labelled(self, reader: str) -> int:
        """Let films come though they have labels; return how many."""
        chosen = self.labelled_films(reader)[:BATCH]
        self._append(dict.fromkeys(chosen, ""))
        return len(chosen)

    def readings(self) -> list[Readings]:
        """Return what stands, for all images of each study, as `radtex label` takes a row."""
        found = []
        for each in readings_of(self.journal.standing, self.targets):
            place_of = {film: place for place, film in enumerate(each.images)}
            for film, place in list(place_of.items()):
                for image in self._studies.get(film, ()):
                    place_of.setdefault(image, place)
            places = list(place_of.values())
            found.append(
                replace(
                    each,
                    images=list(place_of),
                    values={n: [own[p] for p in places] for n, own in each.values.items()},
                    chosen_by=[each.chosen_by[p] for p in places],
                )
            )
        return found

    def labelled_corpus(self) -> Corpus:
        """Return the corpus with the labels that were given here."""
        journal = self.corpus.journal
        number = journal.last + 1
        mine = [replace(each, table=number) for each in self.readings()]
        joined = Journal([*journal.readings, *mine], journal.undone)
        return replace(self.corpus, index=with_readings(self.corpus.index, joined), journal=joined)

    def next_film(self, reader: str, after: int | None = None) -> tuple[State, int | None, int]:
        """Return the film that a reader is to label next.

        Args:
            reader: the reader's name.
            after: a film that is passed over, as all before it; None for none.

        Returns:
            Whether there is one, its row, and how many are left of those chosen.
        """
        done = self._done(reader)
        left = [row for row in self._queue if row not in done]
        if after in left:
            left = left[left.index(after) + 1 :]
        if left:
            return "ready", left[0], len(left)
        if self._choosing.locked() or self._state == "choosing":
            return "choosing", None, 0
        return ("done" if self._state == "ready" else self._state), None, 0

    def runs_short(self, reader: str) -> bool:
        """Whether a reader has few films left, so that more should be chosen."""
        done = self._done(reader)
        left = sum(row not in done for row in self._queue)
        return left < _SPARE and self._state in ("ready", "choosing")

    def save(
        self,
        reader: str,
        row: int,
        values: dict[str, int | None],
        *,
        entry_id: str = "",
        done: bool = False,
        seconds: float | None = None,
        report_seen: bool = False,
    ) -> LabelEntry:
        """Save what a reader says of a film; it is on the disk when this returns.

        Who has seen the report of a film has seen it for all that is said of the film afterwards.

        Raises:
            ProblemError: if there is no such film or target.
            OutputError: if it cannot be written.
        """
        unknown = [name for name in values if name not in self.targets]
        if unknown:
            raise ProblemError(
                422, "no-target", f"The findings to label are {', '.join(self.targets)}."
            )
        if not 0 <= row < len(self.corpus.index):
            raise ProblemError(404, "no-film", "The corpus has no such film.")
        film = str(self.corpus.index["image_id"].iloc[row])
        return self.journal.add(
            LabelEntry(
                id=entry_id or secrets.token_hex(16),
                reader=reader,
                film=film,
                values=values,
                done=done,
                seconds=seconds,
                chosen_by=self._queue.get(row, ""),
                report_seen=report_seen or self.has_seen_report(reader, row),
            )
        )

    def undo(self, reader: str) -> LabelEntry:
        """Undo what a reader said last, by an entry that says so.

        Returns:
            The entry that was undone.

        Raises:
            ProblemError: if nothing stands.
            OutputError: if it cannot be written.
        """
        standing = self.journal.standing
        own = [
            e
            for e in standing
            if e.reader == reader and (e.values or e.done) and e.film in self._rows
        ]
        if not own:
            raise ProblemError(409, "nothing-to-undo", "There is no label of yours to undo.")
        last = own[-1]
        self.journal.add(
            LabelEntry(id=secrets.token_hex(16), reader=reader, film=last.film, undoes=last.id)
        )
        return last

    def row_of(self, film: str) -> int | None:
        """Return the row of an image id, None if the corpus has none."""
        return self._rows.get(film)

    def values(self, reader: str, row: int) -> dict[str, int]:
        """Return what a reader says of a film now."""
        film = str(self.corpus.index["image_id"].iloc[row])
        return values_of(self.journal.standing, reader).get((reader, film), {})

    def has_seen_report(self, reader: str, row: int) -> bool:
        """Whether a reader has seen the report of a film."""
        film = str(self.corpus.index["image_id"].iloc[row])
        standing = self.journal.standing
        return any(e.report_seen for e in standing if (e.reader, e.film) == (reader, film))

    def progress(self) -> dict[str, tuple[int, int, float | None]]:
        """By reader: films finished, labels given, and the median of seconds per film."""
        standing = self.journal.standing
        films = Counter(reader for reader, _ in {(e.reader, e.film) for e in standing if e.done})
        labels: Counter[str] = Counter()
        for (reader, _), said in values_of(standing).items():
            labels[reader] += len(said)
        readers = dict.fromkeys(each.reader for each in standing)
        return {
            reader: (films[reader], labels[reader], _median_seconds(standing, reader))
            for reader in readers
        }

    def csv(self) -> str:
        """All labels, as the table that `radtex label` takes."""
        file = io.StringIO()
        writer = csv.writer(file, lineterminator="\n")
        header = ["image_id", "reader", *self.targets, CHOSEN_BY, REPORT_SEEN]
        writer.writerow(map(shielded, header))
        standing = self.journal.standing
        seen = seen_reports(standing)
        for each in readings_of(standing, self.targets):
            for place, film in enumerate(each.images):
                said = [each.values[name][place] for name in self.targets]
                cells = ["" if value is None else _WORDS[value] for value in said]
                told = "yes" if (each.reader, film) in seen else "no"
                row = [film, each.reader, *cells, each.chosen_by[place], told]
                writer.writerow(map(shielded, row))
        return file.getvalue()

    def definite(self) -> dict[str, int]:
        """By target: studies of the pool with a definite label, by whomever."""
        corpus = self.labelled_corpus()
        pool = corpus.index["split"].to_numpy() == "pool"
        counts = {}
        for name in self.targets:
            if name in corpus.label_names:
                values = corpus.index[f"label.{name}"].to_numpy(np.float32, na_value=np.nan)
                human = np.isin(corpus.label_sources([name])[:, 0], ["human", "archive"])
                counts[name] = len(set(self._keys[pool & human & np.isin(values, [0, 1])]))
            else:
                counts[name] = 0
        return counts

    def _append(self, films: dict[int, str]) -> None:
        """Let films come after those of the queue, which keep their place."""
        with self._appending:  # and anew, since requests walk through the queue meanwhile
            self._queue = self._queue | {r: how for r, how in films.items() if r not in self._queue}

    def _done(self, reader: str) -> set[int]:
        films = {e.film for e in self.journal.standing if e.done and e.reader == reader}
        return {self._rows[film] for film in films if film in self._rows}

    def _chosen(self) -> dict[int, str]:
        by = (
            {"classifier": self._classifier}
            if self._classifier is not None and self._has_heads()
            else {"encoder": str(self.run)}
        )
        with tempfile.TemporaryDirectory() as folder:
            table = Path(folder) / "next.csv"
            next_films(self.labelled_corpus(), self.targets, table, count=BATCH, **by)
            with table.open(encoding="utf-8", newline="") as file:
                rows = list(csv.DictReader(file))
        return {self._rows[unshielded(row["image_id"])]: row[CHOSEN_BY] for row in rows}

    def _has_heads(self) -> bool:
        if self.run is None:
            return True
        assert self._classifier is not None
        heads = {each["name"] for each in read_facts(self._classifier)["targets"]}
        return bool(heads & set(self.targets))

    def _usual_targets(self) -> tuple[str, ...]:
        if self._classifier is not None:
            return tuple(each["name"] for each in read_facts(self._classifier)["targets"])
        there = [n for n in self.corpus.label_names if n not in (NO_FINDING, EDEMA_SEVERITY)]
        return tuple(there) or NINE


def _median_seconds(entries: Sequence[LabelEntry], reader: str) -> float | None:
    seconds = [
        e.seconds for e in entries if e.reader == reader and e.done and e.seconds is not None
    ]
    return float(np.median(seconds)) if seconds else None
