from dataclasses import replace

from radtex.statistics.intervals import Estimate
from radtex.transfer.evidence.sections.strata_section import strata_section
from radtex.transfer.measures.strata import StratumAuc, TargetStrata

VALUE = Estimate(0.7, 0.6, 0.8, 0.01)


def test_each_two_strata_have_a_table_and_what_is_not_measured_is_empty(results):
    both = TargetStrata(
        "Edema",
        (StratumAuc("view PA", 90, 30, VALUE), StratumAuc("view AP", 40, 20, VALUE)),
        Estimate(0.0, -0.1, 0.1, 0.99),
    )
    one = TargetStrata("Effusion", (StratumAuc("without Support Devices", 90, 30, VALUE),), None)
    values = replace(results.classifiers["radtex"], strata=(both, one))
    page = strata_section(replace(results, classifiers={"radtex": values}))
    assert page.count("<table>") == 2
    assert (
        "<td>radtex</td><td>0.70 [0.60, 0.80]</td><td>0.70 [0.60, 0.80]</td>"
        "<td>+0.000 [-0.100, +0.100]</td><td>0.990</td>" in page
    )
    assert "<td>radtex</td><td></td><td>0.70 [0.60, 0.80]</td><td></td><td></td>" in page
    assert strata_section(replace(results, classifiers={})) == ""
