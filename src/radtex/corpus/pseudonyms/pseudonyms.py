"""Patients under pseudonyms: HMACs with a key that is public for public ids, else the site's.

A pseudonym is HMAC-SHA256 of the SHA-256 (in hex) of "namespace:patient_id". Earlier versions kept
that SHA-256 itself, so theirs are pseudonyms without a key.
"""

import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from radtex.corpus.corpus import Corpus
from radtex.corpus.pseudonyms.site_key import fingerprint, own_site_key, read_site_key
from radtex.corpus.sources import SOURCES, source_class
from radtex.corpus.splits import patient_hash
from radtex.errors import CorpusError

PUBLIC = "public"
"""Name of the key of public ids; that of a site is its fingerprint."""
KEYLESS = "none"
"""Stands for the key where earlier versions used none."""
_PUBLIC_KEY = b"patients of public archives"
_HEX = frozenset("0123456789abcdef")


class KeyedPatients(NamedTuple):
    """Patients under pseudonyms of one key."""

    pseudonyms: frozenset[str]
    """Each 64 hex digits."""
    namespaces: frozenset[str] | None
    """Those of their ids; None where not known."""


class Overlap(NamedTuple):
    """What is known of patients on both sides of a boundary."""

    shared: int
    """How many there are, of those that could be compared."""
    unchecked: tuple[str, ...] = ()
    """Why some could not be compared, a clause for each key that is not here."""


@dataclass(frozen=True)
class Pseudonyms:
    """Patients that can be recognised in a corpus, but not named."""

    of_keys: Mapping[str, KeyedPatients] = field(default_factory=dict)
    """By the name of the key."""

    @classmethod
    def of_corpus(cls, corpus: Corpus, rows: NDArray[np.int64]) -> Self:
        """Hide the patients of some rows of a corpus; the site's key is made where it is needed.

        Raises:
            SiteKeyError: if the ids are not public, and the site's key cannot be had.
        """
        patients = sorted(set(corpus.patients[rows]))
        secret = _PUBLIC_KEY if has_public_ids(corpus) else own_site_key()
        name = PUBLIC if secret == _PUBLIC_KEY else fingerprint(secret)
        namespaces = frozenset(corpus.index["patient_namespace"].iloc[rows])
        hidden = frozenset(_hidden(patient_hash(patient), secret) for patient in patients)
        return cls({name: KeyedPatients(hidden, namespaces)} if hidden else {})

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `text` wrote, or the lines of earlier versions, a SHA-256 each.

        Raises:
            ValueError: if it is damaged.
        """
        name: str = KEYLESS
        namespaces: dict[str, frozenset[str] | None] = {KEYLESS: None}
        found: dict[str, set[str]] = {}
        for line in text.splitlines():
            if line.startswith("{"):
                header = json.loads(line)
                if not isinstance(header, dict) or not isinstance(header.get("key"), str):
                    raise ValueError("a line names no key")
                name, known = header["key"], header.get("namespaces")
                namespaces[name] = None if known is None else frozenset(map(str, known))
            elif len(line) == 64 and _HEX.issuperset(line):
                found.setdefault(name, set()).add(line)
            elif line:
                raise ValueError("a line is no pseudonym")
        return cls(
            {name: KeyedPatients(frozenset(each), namespaces[name]) for name, each in found.items()}
        )

    def text(self) -> str:
        """Write a line for each key, with a line for each of its pseudonyms below it."""
        lines = []
        for name, (pseudonyms, namespaces) in sorted(self.of_keys.items()):
            known = None if namespaces is None else sorted(namespaces)
            lines += [json.dumps({"key": name, "namespaces": known}), *sorted(pseudonyms)]
        return "".join(f"{line}\n" for line in lines)

    def __len__(self) -> int:
        return len(frozenset().union(*(each.pseudonyms for each in self.of_keys.values())))

    def joined(self, *others: "Pseudonyms") -> "Pseudonyms":
        """Return the patients of all."""
        found: dict[str, KeyedPatients] = {}
        for each in (self, *others):
            for name, (pseudonyms, namespaces) in each.of_keys.items():
                before = found.get(name, KeyedPatients(frozenset(), frozenset()))
                known = (
                    None
                    if namespaces is None or before.namespaces is None
                    else before.namespaces | namespaces
                )
                found[name] = KeyedPatients(before.pseudonyms | pseudonyms, known)
        return Pseudonyms(found)

    def hidden(self) -> "Pseudonyms":
        """Return the same, with what has no key under that of the site: whose it is, none knows.

        Raises:
            SiteKeyError: if there is such a patient, and the site's key cannot be had.
        """
        if KEYLESS not in self.of_keys:
            return self
        secret = own_site_key()
        pseudonyms, namespaces = self.of_keys[KEYLESS]
        hidden = KeyedPatients(frozenset(_hidden(each, secret) for each in pseudonyms), namespaces)
        others = {name: each for name, each in self.of_keys.items() if name != KEYLESS}
        return Pseudonyms(others).joined(Pseudonyms({fingerprint(secret): hidden}))

    def shared_with(self, patients: Iterable[str]) -> Overlap:
        """Compare with patients whose ids are known.

        A key that is not here does not matter where the namespaces tell that nobody can be in both.

        Args:
            patients: "namespace:patient_id" of each, repeated or not.

        Raises:
            SiteKeyError: if the site's key is asked for, and is damaged or open to others.
        """
        found: set[str] = set()
        unchecked = []
        ids = frozenset(patients)
        for name, (pseudonyms, namespaces) in sorted(self.of_keys.items()):
            suspects = ids
            if namespaces is not None:
                starts = tuple(f"{namespace}:" for namespace in namespaces)
                suspects = frozenset(each for each in ids if each.startswith(starts))
            if not suspects:
                continue
            secret = {PUBLIC: _PUBLIC_KEY, KEYLESS: b""}.get(name)
            if secret is None:
                secret = read_site_key()
                if secret is None or fingerprint(secret) != name:
                    unchecked.append(_without(name, secret))
                    continue
            found.update(
                each for each in suspects if _hidden(patient_hash(each), secret) in pseudonyms
            )
        return Overlap(len(found), tuple(unchecked))


NOBODY = Pseudonyms()
"""No patient at all."""


def has_public_ids(corpus: Corpus) -> bool:
    """Tell whether the patient ids of a corpus are those of a public archive, which all may know.

    Earlier versions did not note it; then the source tells, and for signs drawn on films their
    corpus, where it is still there.
    """
    source: Mapping[str, Any] = corpus.info.get("source", {})
    if "public_ids" in source:
        return bool(source["public_ids"])
    if source.get("name") not in SOURCES or not source_class(source["name"]).published:
        return False
    if "backgrounds" not in source:
        return True
    try:
        return has_public_ids(Corpus.open(source["backgrounds"]))
    except CorpusError:
        return False


def _hidden(sha256: str, secret: bytes) -> str:
    return hmac.digest(secret, sha256.encode(), "sha256").hex() if secret else sha256


def _without(name: str, own: bytes | None) -> str:
    if own is None:
        return f"the site key {name}, which hides them, is not on this machine"
    return f"they are hidden by the site key {name}, and this site's is {fingerprint(own)}"
