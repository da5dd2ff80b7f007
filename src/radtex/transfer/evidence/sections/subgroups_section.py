"""Subgroups: the mean AUC by sex, age, view and devices."""

from radtex.transfer.evidence.html import section, table
from radtex.transfer.evidence.result_tables import subgroup_table
from radtex.transfer.evidence.sections.at_largest import conditions
from radtex.transfer.results import Results
from radtex.transfer.sampling.eligibility import TEST_FLOOR


def subgroups_section(results: Results) -> str:
    """The AUC by sex, age, view and devices; "" where no group can be measured."""
    rows = subgroup_table(results)
    if len(rows) == 1:
        return ""
    return section(
        "Subgroups",
        table(
            rows,
            f"Mean AUC within groups of test studies {conditions(results)}, over the "
            f"targets with at least {TEST_FLOOR} patients of each class in the group. "
            "The difference is to all other studies, over the targets that both can serve. "
            "Secondary: p values not adjusted.",
        ),
    )
