"""Views by their words."""

import pytest

from radtex.corpus.view_words import view_in, view_of_cell


@pytest.mark.parametrize(
    ("words", "view"),
    [
        ("PA", "PA"), ("Chest PA", "PA"), ("Posteroanterior", "PA"), ("postero-anterior", "PA"),
        ("posterior to anterior", "PA"), ("Thorax p.a.", "PA"), ("P-A", "PA"),
        ("PA frontal, erect", "PA"), ("postéro-antérieure", "PA"), ("dorsoventral", "PA"),
        ("AP", "AP"), ("supine AP", "AP"), ("AP_horizontal", "AP"), ("CHEST AP PORTABLE", "AP"),
        ("ap liegend", "AP"), ("ANTERIOR-POSTERIOR", "AP"), ("AP AXIAL", "AP"),
        ("AP en decúbito supino", "AP"), ("décubitus dorsal AP", "AP"),
        ("Lateral", "LATERAL"), ("Lateral left", "LATERAL"), ("XTABLE LATERAL", "LATERAL"),
        ("LL", "LATERAL"), ("RL", "LATERAL"), ("lat.", "LATERAL"), ("Thorax seitl.", "LATERAL"),
        ("seitlich", "LATERAL"), ("de profil", "LATERAL"), ("Perfil", "LATERAL"),
        ("PA LLD", "OTHER"), ("AP RLD", "OTHER"), ("LATERAL DECUBITUS", "OTHER"),
        ("left lateral decubitus AP", "OTHER"), ("decubitus", "OTHER"),
        ("decúbito lateral izquierdo", "OTHER"), ("AP_lordotic", "OTHER"), ("LAO", "OTHER"),
        ("AP apical", "OTHER"),
        ("SWIMMERS", "OTHER"), ("schräg", "OTHER"), ("oblicua", "OTHER"),
        ("PA and lateral", ""), ("PA, LAT", ""), ("AP/LATERAL", ""), ("PA/AP", ""),
        ("frontal and lateral", ""), ("Tórax PA y lateral", ""), ("frontal view", ""),
        ("de face", ""), ("DX CHEST 2 VIEWS", ""), ("Thorax in 2 Ebenen", ""), ("XRAY", ""),
        ("CHEST PAIN, LATE", ""), ("", ""),
    ],
)  # fmt: skip
def test_one_view_that_is_named_counts(words, view):
    assert view_in(words) == view_of_cell(words) == view


@pytest.mark.parametrize("words", ["Coronal", "COSTAL", "Axial", "hand", "bilateral"])
def test_unknown_words_are_another_view_in_a_cell_and_nothing_in_a_description(words):
    assert (view_of_cell(words), view_in(words)) == ("OTHER", "")


def test_l_alone_is_lateral_in_a_cell_as_padchest_has_it():
    assert view_of_cell(" l ") == "LATERAL"
    assert view_in("CHEST L") == ""


def test_hostile_texts_take_linear_time():
    for words in ("DECUBITUS A ", "LAT A ", "ANTERO POST ", "A", "P "):
        assert view_in(words * 100_000) in ("PA", "AP", "LATERAL", "OTHER", "")
