"""Labels from the reports beside those of the archive, and reports that are not understood."""

import pytest

from radtex.corpus.record import Record, Texts
from radtex.corpus.text_labels import NOT_UNDERSTOOD, read_texts
from radtex.errors import CorpusError
from radtex.findings import CHEXPERT_LABELS

FRENCH = "Pas d'épanchement pleural. Le cœur est de taille normale."


def record(findings="", impression="", **labels):
    texts = Texts(findings=findings, impression=impression)
    return Record("i", "s", "p", "i.png", texts=texts, labels=labels)


def flags(*findings: str, **options) -> list[tuple[str, ...]]:
    records = [record(text) for text in findings]
    return [found.flags for found in read_texts(records, **({"label": False} | options))]


def test_what_the_archive_labels_nowhere_is_read_from_findings_and_impression():
    (found,) = read_texts([record("Mild edema", "No effusion", Hernia=1)], label=True)
    assert list(found.labels) == ["Hernia", *CHEXPERT_LABELS]
    assert found.labels["Hernia"] == 1
    assert found.labels["Edema"] == 1
    assert found.labels["Pleural Effusion"] == 0
    assert found.labels["Fracture"] is None


def test_a_label_has_one_origin_in_all_records():
    records = [record("Mild edema.", Edema=None), record("Mild edema.", Edema=0)]
    found = read_texts(records, label=True)
    assert [one.labels["Edema"] for one in found] == [None, 0]
    assert [one.labels["No Finding"] for one in found] == [0, 0]


def test_a_record_without_text_gets_blanks_and_no_flag():
    (found,) = read_texts([record()], label=True)
    assert set(found.labels.values()) == {None}
    assert found.flags == ()


def test_an_addendum_at_the_end_of_the_findings_corrects_the_impression_too():
    (found,) = read_texts([record("Clear.\n\nADDENDUM: Mild edema.", "No edema.")], label=True)
    assert found.labels["Edema"] == 1


def test_reports_that_are_not_understood_are_flagged_with_and_without_labels():
    texts = ["Clear lungs.", "Report pending.", FRENCH, "", "Kein Erguss.", "Sin derrame."]
    expected = [(), (NOT_UNDERSTOOD,), (NOT_UNDERSTOOD,), (), (), ()]
    assert flags(*texts) == expected
    assert flags(*texts, label=True) == expected


def test_a_report_that_names_other_findings_alone_is_understood_without_labels():
    texts = ["Emphysema and scoliosis.", "Signos de EPOC.", "Lungenemphysem."]
    found = read_texts([record(text) for text in texts], label=True)
    assert [one.flags for one in found] == [(), (), ()]
    assert {label for one in found for label in one.labels.values()} == {None}


def test_labels_stay_as_they_are_without_the_request():
    (found,) = read_texts([record("Mild edema.", Hernia=1)], label=False)
    assert found.labels == {"Hernia": 1}


def test_each_report_is_read_in_its_own_language_or_in_the_one_that_is_named():
    texts = ["Mild edema.", "Derrame pleural.", "Pleuraerguss."]
    found = read_texts([record(text) for text in texts], label=True)
    assert [one.labels["Pleural Effusion"] for one in found] == [None, 1, 1]
    assert flags(*texts, language="spanish") == [(), (), (NOT_UNDERSTOOD,)]


def test_a_corpus_that_is_mostly_not_understood_is_not_labelled():
    with pytest.raises(CorpusError, match=r"2 of 3 reports are not understood.* French.*--labels"):
        flags(FRENCH, FRENCH, "Clear lungs.", label=True)
    with pytest.raises(CorpusError, match="no language is found"):
        flags("Сердце не расширено.", "", label=True)
    with pytest.raises(CorpusError, match="they are in English; see whether"):
        flags("The report is pending.", label=True)
    with pytest.raises(CorpusError, match="read as German; leave out --language"):
        flags("The lungs are clear.", language="german", label=True)
    assert flags(FRENCH, FRENCH) == [(NOT_UNDERSTOOD,)] * 2
