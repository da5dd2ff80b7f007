"""The rule that no patient is both learnt from and tested."""

from collections.abc import Collection

from radtex.errors import ProtocolError


def refuse_shared_patients(
    seen: Collection[str],
    tested: Collection[str],
    *,
    seen_in: str,
    tested_in: str,
    remedy: str = "choose splits that share no patient",
) -> None:
    """Refuse to go on where patients are on both sides of a boundary.

    Args:
        seen: SHA-256 of the patients on one side (see `Corpus.patient_hashes`).
        tested: SHA-256 of those on the other side, repeated or not.
        seen_in: what the first side is, for the message.
        tested_in: what the second side is, for the message.
        remedy: what to do instead, for the message.

    Raises:
        ProtocolError: if a patient is in both; the message has their number.
    """
    shared = len(frozenset(seen).intersection(tested))
    if shared:
        raise ProtocolError(f"{shared} patients are both in {seen_in} and in {tested_in}; {remedy}")
