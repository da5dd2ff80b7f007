from dataclasses import replace

from radtex.text_tables import with_interval
from radtex.transfer.evidence.sections.subgroups_section import subgroups_section


def test_each_group_of_each_encoder_has_a_row(results):
    page = subgroups_section(results)
    for group in results.classifiers["radtex"].subgroups:
        assert f'<th scope="row">{group.group}</th>' in page
        assert with_interval(group.auc) in page
    assert "at 60 labels" in page
    assert "of this classifier" in subgroups_section(replace(results, of_one_classifier=True))
    assert subgroups_section(replace(results, classifiers={})) == ""
