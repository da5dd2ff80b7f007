"""From the words of `radtex transfer` to a folder of evidence and a table."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from radtex.corpus.corpus import open_selection
from radtex.corpus.labels import label_policy as find_policy
from radtex.corpus.labels import target_names
from radtex.errors import ProtocolError
from radtex.files import refuse_existing
from radtex.models.allocation import keep_freed_memory
from radtex.transfer.command import command_line
from radtex.transfer.entry import contestants
from radtex.transfer.evidence import write_evidence
from radtex.transfer.keeping import Keeper
from radtex.transfer.protocol import run_linear
from radtex.transfer.tables import table

PROTOCOLS = {"linear": run_linear}


def transfer(
    pool: str,
    encoders: Sequence[str],
    targets: Sequence[str],
    out: Path,
    *,
    test: str | None = None,
    protocol: Literal["linear"] = "linear",
    budgets: Sequence[int] = (50, 100, 200, 500, 1000),
    repeats: int = 10,
    backbone: str | None = None,
    label_policy: str = "paper",
    seed: int = 0,
    save: Path | None = None,
) -> str:
    """Run a few-label protocol and write its evidence to `out`.

    Args:
        pool: CORPUS[:SPLIT] that labels come from, `pool` by default.
        test: CORPUS[:SPLIT] that is scored; the test split of the pool's corpus by default.
        encoders: `[NAME=]WHAT` each; see `contestants`.
        targets: names of labels or of target sets.
        protocol: how an encoder is put to use.
        save: where to keep the probes of the first draw of the largest budget, as a classifier,
            or as a folder of them by the encoders' names where there are several.

    Returns:
        The table for the terminal.

    Raises:
        RadtexError: of the kind that `run_linear`, `contestants` and `write_evidence` raise.
    """
    refuse_existing(out)
    if save is not None and protocol != "linear":
        raise ProtocolError(f"--save keeps linear probes; {protocol} makes none")
    keep_freed_memory()
    policy = find_policy(label_policy)
    names = target_names(targets)
    pool_selection = open_selection(pool, "pool")
    corpus = pool_selection[0]
    test_selection = open_selection(test or str(corpus.path), "test")
    keeper = None if save is None else Keeper(save, corpus)
    results = PROTOCOLS[protocol](
        contestants(encoders, corpus, seed, backbone),
        pool_selection,
        test_selection,
        names,
        budgets,
        repeats,
        policy,
        seed,
        keeper,
    )
    command = command_line(
        "radtex transfer",
        pool,
        test=test,
        encoders=encoders,
        targets=targets,
        budgets=budgets,
        repeats=repeats,
        protocol=protocol,
        backbone=backbone,
        label_policy=label_policy,
        seed=seed,
        save=save,
        out=out,
    )
    results = replace(results, protocol={"command": command} | results.protocol)
    write_evidence(results, out)
    if keeper is not None:
        keeper.write(results)
    return table(results)
