from dataclasses import replace

from radtex.transfer.evidence.sections.events_section import events_section
from radtex.transfer.measures.events import Events


def test_targets_are_held_against_what_is_enough(results):
    few, many = Events("A", 12, 1300, 9, 700), Events("B", 150, 1162, 100, 650)
    page = events_section(replace(results, events=(few, many)))
    assert "<td>12</td><td>1,300</td><td>0.9%</td>" in page
    assert page.count("fewer than 100") == 1
    assert events_section(replace(results, events=())) == ""
