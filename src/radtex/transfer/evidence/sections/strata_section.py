"""Strata: the AUC of each target among films of one view, with devices, and without."""

from radtex.text_tables import p_value
from radtex.transfer.evidence.html import section, table
from radtex.transfer.evidence.sections.at_largest import conditions, shown, shown_with_sign
from radtex.transfer.results import Results
from radtex.transfer.sampling.eligibility import TEST_FLOOR
from radtex.transfer.sampling.subgroups import STRATA


def strata_section(results: Results) -> str:
    """A table for each two strata that a target can be measured in; "" without any."""
    return section(
        "Strata of each target",
        *(
            table(
                _rows(results, pair),
                f"AUC of each target {conditions(results)}, among "
                f"studies {pair[0]} and {pair[1]}. An encoder that only tells one from the other "
                "has 0.50 in both. "
                f"Empty: fewer than {TEST_FLOOR} of a class. Secondary: p values not adjusted.",
            )
            for pair in STRATA
        ),
    )


def _rows(results: Results, pair: tuple[str, str]) -> list[list[str]]:
    rows = [["target", "encoder", *pair, "difference", "p"]]
    for target in results.protocol["targets"]:
        for encoder, values in results.classifiers.items():
            for each in values.strata:
                by_name = {one.stratum: shown(one.auc) for one in each.strata}
                if each.target != target or not by_name.keys() & set(pair):
                    continue
                apart = each.difference
                rows.append(
                    [
                        target,
                        encoder,
                        *(by_name.get(name, "") for name in pair),
                        "" if apart is None else shown_with_sign(apart),
                        "" if apart is None else p_value(apart.p),
                    ]
                )
    return rows
