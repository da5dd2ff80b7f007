from dataclasses import replace

from radtex.transfer.evidence.sections.calibration_section import calibration_section


def test_brier_scores_and_the_diagram_are_there(results):
    page = calibration_section(results)
    value = results.classifiers["radtex"].brier[60]
    assert f"{value.mean:.3f} [{value.low:.3f}, {value.high:.3f}]" in page
    assert "at 60 labels, all targets and draws together" in page
    assert "data:image/svg+xml" in page
    assert calibration_section(replace(results, classifiers={})) == ""


def test_one_classifier_has_no_budget(results):
    page = calibration_section(replace(results, of_one_classifier=True))
    assert '<th scope="col">Brier score</th>' in page
    assert "60 labels" not in page
    assert "expected over pools" not in page
