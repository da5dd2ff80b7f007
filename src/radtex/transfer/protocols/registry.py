"""The few-label protocols by name; nothing here waits for torch."""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from radtex.transfer.protocols.protocol import Protocol


@dataclass(frozen=True)
class Entry:
    """Where a protocol is, and what it does."""

    home: str
    """Its class, as `module:Class`."""
    does: str
    """In a few words, for the help of the command line."""


_HERE = "radtex.transfer.protocols"
PROTOCOLS: dict[str, Entry] = {
    "linear": Entry(f"{_HERE}.linear:Linear", "a logistic regression on frozen features"),
    "finetune": Entry(
        f"{_HERE}.finetune:Finetune", "a copy of the whole network is trained on each draw"
    ),
    "knn": Entry(f"{_HERE}.knn:Knn", "the most similar labelled studies vote"),
    "lda": Entry(
        f"{_HERE}.lda:Lda", "a linear discriminant with the covariance of the unlabelled pool"
    ),
    "prototype": Entry(f"{_HERE}.prototype:Prototype", "likeness to the mean of each class"),
}
"""One line each: a protocol that is named here can be chosen."""


def open_protocol(name: str, **options: Any) -> "Protocol[Any]":
    """Make the protocol `name`, one of PROTOCOLS, with its options."""
    module, _, made_by = PROTOCOLS[name].home.partition(":")
    protocol: Protocol[Any] = getattr(import_module(module), made_by)(**options)
    return protocol
