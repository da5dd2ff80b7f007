"""Grades of pulmonary edema, from tables of mimic-cxr-pe-severity."""

from pathlib import Path

import pytest

from radtex.corpus.sources.mimic.edema_grades import FILES, read_edema_grades
from radtex.errors import CorpusError

OF_STUDY = "subject_id,study_id,edema_severity\n"
OF_IMAGE = "subject_id,study_id,dicom_id,edema_severity\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    regex, expert, consensus = (tmp_path / name for name in FILES)
    regex.write_text(OF_STUDY + "1,51,0\n1,52,1\n2,53,2\n")
    expert.write_text(OF_STUDY + "1,52,3\n")
    consensus.write_text(OF_IMAGE + "2,53,a-b,1\n")
    return tmp_path


def test_the_consensus_goes_before_the_expert_and_the_expert_before_key_words(folder):
    grades = read_edema_grades(folder, "utf-8")
    assert grades.files == list(FILES)
    assert grades.held_out == {"2"}
    cases = {("x", "51"): 0, ("x", "52"): 3, ("x", "53"): 2, ("a-b", "53"): 1, ("x", "54"): None}
    assert {case: grades.grade(*case) for case in cases} == cases


@pytest.mark.parametrize(("name", "graded"), [(FILES[0], 1), (FILES[1], 3)])
def test_one_table_will_do(folder, name, graded):
    grades = read_edema_grades(folder / name, "utf-8")
    assert (grades.grade("a-b", "52"), grades.held_out, grades.files) == (graded, set(), [name])


def test_the_misspelt_column_is_read_and_a_missing_one_named(folder):
    file = folder / FILES[1]
    file.write_text("subject_id,study_id,edeme_severity\n1,52,2.0\n")
    assert read_edema_grades(file, "utf-8").grade("x", "52") == 2
    file.write_text("subject_id,study_id,grade\n1,52,2\n")
    with pytest.raises(CorpusError, match="has no column edema_severity"):
        read_edema_grades(file, "utf-8")


@pytest.mark.parametrize("grade", ["4", "-1", "", "0.5", "none"])
def test_what_is_no_grade_is_refused(folder, grade):
    file = folder / FILES[1]
    file.write_text(f"{OF_STUDY}1,52,{grade}\n")
    with pytest.raises(CorpusError, match="grades study 52 as none of 0, 1, 2, 3"):
        read_edema_grades(file, "utf-8")


def test_a_folder_without_grades_is_refused(tmp_path):
    with pytest.raises(CorpusError, match="holds no edema grades; expected regex_report"):
        read_edema_grades(tmp_path, "utf-8")
