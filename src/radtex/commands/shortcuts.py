"""`radtex.audit`."""

from collections.abc import Sequence
from pathlib import Path

from radtex.auditing.audit import Audit
from radtex.auditing.audit import audit as measure
from radtex.auditing.audit_files import write_audit
from radtex.commands.given import given
from radtex.files import refuse_existing


def audit(
    corpus: Path | str,
    *,
    targets: Sequence[str] | None = None,
    label_policy: str | None = None,
    bound: float | None = None,
    seed: int | None = None,
    out: Path | str | None = None,
) -> Audit:
    """Look for shortcuts: tell each label of a corpus by cues that no radiologist would use.

    Args:
        corpus: CORPUS, all of whose films are used, or CORPUS:SPLIT.
        targets: names of labels or target sets; by default all labels of the corpus.
        label_policy: what uncertain and blank labels count as; by default "paper".
        bound: AUC from which a cue counts as a shortcut; by default 0.65.
        seed: for dealing patients to folds; by default 0.
        out: a JSON file to make, or a folder with that and a picture.

    Returns:
        What was found: `scores`, of which `is_shortcut` says whether they are ones.

    Raises:
        CorpusError: if there is no such corpus or label, or no label has enough patients.
        OutputError: if `out` exists or cannot be written.

    Example:
        >>> import radtex
        >>> radtex.audit("none", targets=["Cardiomegaly"])  # doctest: +IGNORE_EXCEPTION_DETAIL
        Traceback (most recent call last):
        radtex.errors.CorpusError: none does not exist …
    """
    if out is not None:
        refuse_existing(Path(out))
    options = given(targets=targets, label_policy=label_policy, bound=bound, seed=seed)
    found = measure(str(corpus), **options)
    if out is not None:
        write_audit(found, Path(out))
    return found
