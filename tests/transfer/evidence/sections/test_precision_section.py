from radtex.text_tables import with_interval
from radtex.transfer.evidence.sections.precision_section import precision_section


def test_average_precision_stands_beside_the_prevalence(results):
    page = precision_section(results)
    value = results.classifiers["radtex"].validation.targets["Edema"].average_precision
    prevalence = results.events[0].prevalence
    assert f"<td>radtex</td><td>{prevalence:.2f}</td><td>{with_interval(value)}</td>" in page
