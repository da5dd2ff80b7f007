from radtex.transfer.evidence.sections.checklist_section import checklist_section


def test_every_item_has_a_row(results):
    page = checklist_section(results)
    assert page.count('scope="row"') == 52
    assert "Collins et al. 2024" in page
    assert "<td>not known</td>" in page
