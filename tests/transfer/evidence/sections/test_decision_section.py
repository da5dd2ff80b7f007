from dataclasses import replace

from radtex.text_tables import signed_with_interval
from radtex.transfer.evidence.sections.decision_section import decision_figure, decision_section
from radtex.transfer.measures.net_benefit import THRESHOLDS


def test_curves_are_said_in_words_and_in_a_table_beside_acting_on_all(results):
    page = decision_section(results)
    values = results.classifiers["radtex"].validation.targets["Edema"].net_benefit
    assert signed_with_interval(values[THRESHOLDS.index(0.2)]) in page
    prevalence = results.events[0].prevalence
    everyone = prevalence - (1 - prevalence) * 0.1 / 0.9
    assert f"Edema, radtex: {values[THRESHOLDS.index(0.1)].mean:+.3f} ({everyone:+.3f})" in page
    assert page.count("<td>all acted on</td>") == 2
    assert decision_section(replace(results, classifiers={})) == ""


def test_the_same_results_give_the_same_picture(results):
    drawn = decision_figure(results)
    assert drawn == decision_figure(results)
    assert drawn.count(b'<g id="axes_') == 2
