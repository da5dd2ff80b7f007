import re
from dataclasses import replace

from radtex.transfer.evidence.sections.misses_section import misses_section
from radtex.transfer.evidence.thumbnails import missed_films
from radtex.transfer.measures.misses import WORST


def test_misses_are_named_by_their_rows_and_without_pictures(results, corpus):
    page = misses_section(results)
    misses = results.classifiers["radtex"].validation.misses
    assert len(misses) == WORST
    row = results.rows_of_studies[misses[0].study]
    assert corpus.index["split"].iloc[row] == "test"
    assert corpus.index[f"label.{misses[0].target}"].iloc[row] == 1
    assert f"<td>{misses[0].target}</td><td>{row}</td><td>{misses[0].outranked:.1%}</td>" in page
    assert "<img" not in page
    assert not re.search(r"\b[isp]\d+\b", page)  # no id of an image, study or patient
    assert misses_section(replace(results, classifiers={})) == ""


def test_films_are_shown_once_each_where_they_may_be(results, corpus):
    shown = replace(results, films=missed_films(results, corpus.images))
    page = misses_section(shown)
    studies = {
        miss.study for values in results.classifiers.values() for miss in values.validation.misses
    }
    assert len(shown.films) == len(studies) == page.count("data:image/png;base64,")
    assert page.count('alt="Film. Row ') == len(studies)
    assert "--with-films" not in page
