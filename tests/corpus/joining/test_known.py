"""Patients and studies that images state."""

from radtex.corpus.joining.known import Known
from radtex.corpus.record import Record


def image(patient: str, study: str = "", accession: str = "") -> Record:
    return Record("i", study, patient, "i.png", accession=accession)


def test_patients_are_the_same_but_for_case_spaces_and_lost_zeros():
    known = Known([image("0012"), image("Ab 1")])
    assert known.same_patient("12", "0012")
    assert known.same_patient("12.0", "0012")
    assert known.same_patient("ab1 ", "Ab 1")
    assert not known.same_patient("P1", "P01")
    assert not known.same_patient("13", "0012")


def test_patients_that_differ_in_zeros_alone_are_told_apart():
    known = Known([image("0012"), image("12")])
    assert known.same_patient("12", "12")
    assert not known.same_patient("12", "0012")
    assert (known.patient("12"), known.patient("0012"), known.patient("012")) == (
        "12",
        "0012",
        "012",
    )


def test_ids_are_spelt_as_the_images_spell_them():
    known = Known([image("0012", "S01", "007")])
    assert (known.study("s01"), known.study("s1"), known.accession("7.0")) == ("S01", "s1", "007")
    assert known.patient("12") == "0012"
    assert known.patient(" 7 ") == "7"


def test_an_accession_number_brings_its_study_and_patient_if_there_is_one():
    known = Known([image("p", "1.2", "0007"), image("q", "1.3", "8"), image("r", "1.4", "8")])
    assert known.of_accession("7") == ("1.2", "p")
    assert known.of_accession("8") == known.of_accession("9") == ("", "")
