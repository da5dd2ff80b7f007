"""Keys that are ids: equal, equal but for case and spaces, or equal but for leading zeros."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping

from radtex.corpus.joining.ids import folded, unpadded, written
from radtex.corpus.joining.pairing import Pairing

CASE = "but for case and spaces"
ZEROS = "but for leading zeros or decimals, as spreadsheets change them"

_SHARED = "ids that differ in leading zeros alone"


def pair_ids(keys: Iterable[str], ids: Iterable[str]) -> Pairing:
    """Find the id that each key means.

    What is equal goes first. Else, ids that are equal but for case and spaces, then but for the
    zeros in front: where one id alone has that form, and no other key. If the keys have lost their
    zeros (some id begins with one, no key does), a key that fits several ids means none, even if
    it equals one of them.

    Args:
        keys: cells of the table; blank ones mean nothing.
        ids: of all images.
    """
    keys, ids = set(keys) - {""}, set(ids) - {""}
    meant: dict[str, str] = {}
    ways: dict[str, str] = {}
    ambiguous: dict[str, str] = {}
    by_number = _by_form(ids, unpadded)
    lost = any(_is_padded(each) for each in ids) and not any(_is_padded(key) for key in keys)
    for key in keys:
        if lost and len(by_number.get(unpadded(key), ())) > 1:
            ambiguous[key] = _SHARED
        elif written(key) in ids:
            meant[key] = written(key)
    by_fold = _by_form(ids, folded)
    for key in keys - meant.keys() - ambiguous.keys():
        if len(fitting := by_fold.get(folded(key), ())) == 1:
            (meant[key],) = fitting
            ways[key] = CASE
    taken = set(meant.values())
    left = _by_form(keys - meant.keys() - ambiguous.keys(), unpadded)
    for form, rivals in left.items():
        fitting = by_number.get(form, ())
        if len(fitting) == len(rivals) == 1 and not taken & set(fitting):
            (key,), (meant[key],) = rivals, fitting
            ways[key] = ZEROS
        elif fitting:
            ambiguous |= dict.fromkeys(rivals, _SHARED)
    return Pairing(meant, ways, ambiguous)


def _by_form(values: Iterable[str], form: Callable[[str], str]) -> Mapping[str, Collection[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for value in values:
        found[form(value)].add(value)
    return found


def _is_padded(value: str) -> bool:
    return written(value)[:1] == "0" and unpadded(value) != folded(value)
