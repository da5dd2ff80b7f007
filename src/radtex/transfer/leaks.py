"""The rule that no patient is both learnt from and tested."""

from collections.abc import Collection, Sequence
from typing import Any

from radtex.corpus.pseudonyms.pseudonyms import Pseudonyms
from radtex.errors import ProtocolError

_REMEDY = "choose splits that share no patient"


def refuse_shared_patients(
    ones: Collection[str], others: Collection[str], *, ones_in: str, others_in: str
) -> None:
    """Refuse to go on where patients are on both sides of a boundary.

    Args:
        ones: "namespace:patient_id" of the patients on one side, repeated or not.
        others: the same of those on the other side.
        ones_in: what the first side is, for the message.
        others_in: what the second side is, for the message.

    Raises:
        ProtocolError: if a patient is in both; the message has their number.
    """
    _refuse(len(frozenset(ones).intersection(others)), ones_in, others_in, _REMEDY)


def refuse_seen_patients(
    seen: Pseudonyms,
    tested: Collection[str],
    *,
    seen_in: str,
    tested_in: str,
    remedy: str = _REMEDY,
) -> tuple[str, ...]:
    """Refuse to go on where patients that were learnt from are tested.

    Args:
        seen: who was learnt from.
        tested: "namespace:patient_id" of the patients that are tested, repeated or not.
        seen_in: what the first side is, for the message.
        tested_in: what the second side is, for the message.
        remedy: what to do instead, for the message.

    Returns:
        Why some could not be compared, as clauses; empty where all were.

    Raises:
        ProtocolError: if a patient is in both; the message has their number.
    """
    overlap = seen.shared_with(tested)
    _refuse(overlap.shared, seen_in, tested_in, remedy)
    return overlap.unchecked


def unchecked_sentences(
    seen_in: str, tested_in: str, reasons: Sequence[str], remedy: str = ""
) -> list[str]:
    """Say what a check that could not be made leaves open.

    Args:
        seen_in: who was learnt from.
        tested_in: who is tested.
        reasons: as `refuse_seen_patients` returns them.
        remedy: what else a reader can go by.
    """
    return [
        f"No check could be made whether patients of {tested_in} were in {seen_in}: {reason}. If "
        "some were, the results are too good; bring that key here to find out."
        + (f" {remedy}" if remedy else "")
        for reason in reasons
    ]


def sentences_on_unchecked(unchecked: Sequence[dict[str, Any]]) -> list[str]:
    """What a reader must know of the `unchecked_patients` of a record."""
    return [
        sentence
        for each in unchecked
        for sentence in unchecked_sentences(
            f"the training of {each['encoder']}",
            " and ".join(f"the {role}" for role in each["roles"]),
            [each["reason"]],
            "Films that it learnt from are found in the test by their pixels all the same.",
        )
    ]


def _refuse(shared: int, ones_in: str, others_in: str, remedy: str) -> None:
    if shared:
        raise ProtocolError(f"{shared} patients are both in {ones_in} and in {others_in}; {remedy}")
