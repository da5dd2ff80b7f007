from dataclasses import replace

from radtex.transfer.evidence.sections.risks_section import risk_figure, risks_section


def test_the_picture_is_said_in_words_and_in_a_table(results):
    page = risks_section(results)
    assert 'alt="Histograms of predicted probabilities.' in page
    assert "Edema, radtex: 0." in page
    assert "<td>radtex</td><td>0." in page
    assert risks_section(replace(results, classifiers={})) == ""


def test_the_same_results_give_the_same_picture(results):
    drawn = risk_figure(results)
    assert drawn == risk_figure(results)
    assert drawn.count(b'<g id="axes_') == 2 * 2
