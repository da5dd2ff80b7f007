"""From options to a source of priors."""

from collections.abc import Sequence
from dataclasses import replace

from radtex.corpus.corpus import Corpus, open_whole
from radtex.corpus.label_policies import label_policy
from radtex.errors import ProtocolError
from radtex.reports import read_own_findings
from radtex.transfer.protocols.label_prior.asked_decoder import AskedDecoder
from radtex.transfer.protocols.label_prior.label_prior import PriorSource
from radtex.transfer.protocols.label_prior.prior_options import NO_PRIOR, PriorOptions
from radtex.transfer.protocols.label_prior.reports_head import ReportsHead


def open_prior(
    options: PriorOptions, pool: Corpus, seed: int, targets: Sequence[str] = ()
) -> PriorSource | None:
    """Make what was asked for; None where it was nothing.

    Args:
        options: what was asked for.
        pool: the corpus of the pool.
        seed: of what is drawn.
        targets: those of the experiment.

    Raises:
        ProtocolError: if options of a prior are given without one or with another, or the share of
            wrong labels is none.
        CorpusError: if there is no such corpus or policy, or it has no train split.
    """
    if options.prior is None:
        if options != NO_PRIOR:
            raise ProtocolError("options of a prior need one; name --prior reports or --prior ask")
        return None
    if not 0 <= options.prior_corruption <= 1:
        raise ProtocolError(
            f"--prior-corruption is {options.prior_corruption:g}; name a share from 0 to 1"
        )
    label_policy(options.prior_label_policy)
    if options.prior == "ask" and replace(options, prior=None, finding=()) != NO_PRIOR:
        raise ProtocolError(
            "--prior ask reads no reports; leave out --prior-corpus, --prior-label-policy and "
            "--prior-corruption, or name --prior reports"
        )
    findings = read_own_findings(options.finding)
    idle = [finding.name for finding in findings if finding.name not in targets]
    if idle:
        raise ProtocolError(
            f"--finding {', '.join(idle)}: no target has this name; the targets are "
            f"{', '.join(targets)}"
        )
    if options.prior == "ask":
        return AskedDecoder(targets, findings)
    corpus = pool
    if options.prior_corpus is not None:
        corpus = open_whole(options.prior_corpus, "train", "reports are learnt from")
    return ReportsHead(
        corpus,
        corpus.rows("train"),
        options.prior_label_policy,
        options.prior_corruption,
        seed,
        findings,
    )
