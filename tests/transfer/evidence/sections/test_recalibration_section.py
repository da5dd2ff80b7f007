from dataclasses import replace

from radtex.text_tables import with_interval
from radtex.transfer.evidence.sections.recalibration_section import recalibration_section


def test_slope_intercept_and_ratio_are_in_the_table(results):
    page = recalibration_section(results)
    values = results.classifiers["radtex"].validation.targets["Effusion"]
    assert with_interval(values.slope) in page
    assert with_interval(values.observed_expected) in page
    assert page.count("<tr>") == 1 + 4
    assert recalibration_section(replace(results, classifiers={})) == ""


def test_a_slope_that_does_not_exist_is_said_to_be_none(results):
    values = results.classifiers["radtex"]
    targets = {name: replace(each, slope=None) for name, each in values.validation.targets.items()}
    classifier = replace(values, validation=replace(values.validation, targets=targets))
    page = recalibration_section(replace(results, classifiers={"radtex": classifier}))
    assert page.count("<td>none</td>") == 2
