from dataclasses import replace

from radtex.text_tables import signed_with_interval, with_interval
from radtex.transfer.evidence.sections.missed_section import missed_section


def test_missed_findings_are_told_by_group_and_by_target(results):
    page = missed_section(results)
    found = results.classifiers["radtex"].validation.missed
    assert list(found) == ["all studies", "female", "male"]
    assert with_interval(found["female"].missed["sensitive"]) in page
    assert signed_with_interval(found["male"].difference["youden"]) in page
    of_target = dict(results.classifiers["radtex"].validation.targets["Edema"].missed)
    assert with_interval(of_target["all studies"].missed["youden"]) in page
    assert page.count("<table>") == 2


def test_without_thresholds_there_is_no_section(results):
    without = {
        name: replace(
            values,
            validation=replace(
                values.validation,
                missed={},
                targets={
                    target: replace(each, missed=())
                    for target, each in values.validation.targets.items()
                },
            ),
        )
        for name, values in results.classifiers.items()
    }
    assert missed_section(replace(results, classifiers=without)) == ""
