"""Labels read from the reports, beside those of the archive."""

from radtex.corpus.record import Record
from radtex.corpus.text_labels import label_records
from radtex.findings import CHEXPERT_LABELS


def record(findings="", impression="", **labels):
    return Record("i", "s", "p", "i.png", findings=findings, impression=impression, labels=labels)


def test_what_the_archive_labels_nowhere_is_read_from_findings_and_impression():
    (found,) = label_records([record("Mild edema", "No effusion", Hernia=1)])
    assert list(found.labels) == ["Hernia", *CHEXPERT_LABELS]
    assert found.labels["Hernia"] == 1
    assert found.labels["Edema"] == 1
    assert found.labels["Pleural Effusion"] == 0
    assert found.labels["Fracture"] is None


def test_a_label_has_one_origin_in_all_records():
    found = label_records([record("Mild edema.", Edema=None), record("Mild edema.", Edema=0)])
    assert [one.labels["Edema"] for one in found] == [None, 0]
    assert [one.labels["No Finding"] for one in found] == [0, 0]


def test_a_record_without_text_gets_blanks():
    (found,) = label_records([record()])
    assert set(found.labels.values()) == {None}


def test_an_addendum_at_the_end_of_the_findings_corrects_the_impression_too():
    (found,) = label_records([record("Clear.\n\nADDENDUM: Mild edema.", "No edema.")])
    assert found.labels["Edema"] == 1
