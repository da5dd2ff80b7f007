"""The language of a report."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radtex.reports import label_report
from radtex.reports.labeling import likely_language
from radtex.reports.language_detection import LANGUAGES, find_language


def language_of(text: str) -> str | None:
    return find_language(re.findall(r"[^\W\d_]+", text.lower()))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The heart is normal in size. The lungs are clear.", "english"),
        ("No pneumothorax.", "english"),
        ("Cardiomegaly.", "english"),
        ("Report pending", "english"),
        ("Derrame pleural derecho. Cardiomegalia.", "spanish"),
        ("Sin derrame pleural ni neumotórax.", "spanish"),
        ("sin alter radiolog signific .", "spanish"),
        ("no apreci infiltr ni condens pulmonar .", "spanish"),
        ("Neumonía.", "spanish"),
        ("Pleuraerguss rechts, kein Pneumothorax.", "german"),
        ("Herz normal groß, Lungen frei belüftet.", "german"),
        ("Unterlappenatelektase.", "german"),
        ("Pas d'épanchement pleural. Le cœur est de taille normale.", "french"),
        ("Non versamento pleurico. Cuore nei limiti della norma.", "italian"),
        ("Coração de dimensões normais. Sem derrame pleural nos seios.", "portuguese"),
        ("Normaal hart en longen, geen pleuravocht.", "dutch"),
        ("Сердце не расширено, плевральные синусы свободны.", None),
        ("両側肺野に異常陰影を認めません。", None),
        ("", None),
    ],
)
def test_a_report_is_in_the_language_whose_words_it_uses(text: str, expected: str | None) -> None:
    assert language_of(text) == expected


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("french", "Pas de pneumothorax."),
        ("french", "Pas de consolidation."),
        ("french", "Radiographie normale."),
        ("french", "Cardiomégalie. Épanchement pleural gauche de faible abondance."),
        ("french", "Fracture de côte."),
        ("french", "Aucune fracture."),
        ("french", "Ni pneumothorax ni consolidation."),
        ("french", "Absence de pneumothorax."),
        ("french", "Sans infiltration pulmonaire."),
        ("french", "Poumons normaux, silhouette cardiaque normale."),
        ("portuguese", "Sem derrame pleural. Pneumotórax ausente."),
        ("portuguese", "Sem consolidações."),
        ("portuguese", "Não há pneumotórax."),
        ("portuguese", "Nenhuma opacidade."),
        ("portuguese", "Sem edema."),
        ("portuguese", "Edema ausente no pulmão."),
        ("italian", "Non pneumotorace."),
        ("italian", "Senza versamento."),
        ("italian", "Nessuna frattura."),
        ("italian", "Assenza di consolidazioni."),
        ("italian", "Non segni di edema."),
        ("italian", "Edema polmonare assente."),
        ("dutch", "Geen pneumothorax."),
        ("dutch", "Geen consolidatie."),
        ("dutch", "Zonder fracture."),
        ("dutch", "Niet vergroot hart."),
        ("dutch", "Geen atelectase, geen pleuravocht."),
        ("dutch", "Pneumothorax niet aanwezig."),
        ("swedish", "Ingen pneumothorax."),
        ("swedish", "Inget infiltrat."),
        ("swedish", "Inga förtätningar."),
        ("swedish", "Utan pneumothorax."),
        ("swedish", "Hjärtat normalstort."),
        ("danish", "Ikke pneumothorax."),
        ("danish", "Hjertet er ikke forstørret."),
        ("norwegian", "Uten infiltrat."),
        ("polish", "Brak odmy."),
        ("polish", "Bez zmian ogniskowych."),
        ("polish", "Bez cech pneumothorax."),
        ("polish", "Nie widać konsolidacji."),
        ("turkish", "Pneumothorax yok."),
        ("turkish", "Konsolidasyon izlenmedi."),
        ("turkish", "Plevral efüzyon saptanmadı."),
        ("turkish", "Atelektasis yok."),
        ("catalan", "Sense vessament pleural."),
        ("catalan", "Sense consolidacions."),
        ("catalan", "Sense pneumotorax."),
        ("romanian", "Fără pneumotorax."),
        ("romanian", "Fără revărsat pleural."),
        ("romanian", "Fara consolidare."),
        ("indonesian", "Tidak ada efusi pleura."),
        ("indonesian", "Tidak tampak pneumothorax."),
        ("indonesian", "Tidak ada edema."),
        ("finnish", "Pneumothorax ei ole."),
        ("hungarian", "Nincs pneumothorax."),
        ("croatian", "Nema izljeva."),
        ("dutch", "Catheter verwijderd."),
        (None, "Drain retiré."),
        ("french", "Pneumothorax minime."),
        ("vietnamese", "Không có tràn dịch."),
    ],
)
def test_a_short_text_in_another_language_has_no_labels(language: str | None, text: str) -> None:
    assert not any(label is not None for label in label_report(text).values())
    assert likely_language(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "RLL PNA.",
        "ETT ok.",
        "Small left PTX.",
        "No demonstrable pneumothorax.",
        "There is a right diaphragmatic hump.",
        "Non displaced fracture.",
        "Small plueral effussion.",
        "Bilateral PTB, right upper zone.",
        "Lungs clear.",
        "Wet read: no PTX.",
    ],
)
def test_telegrams_and_rare_words_are_understood(text: str) -> None:
    assert likely_language(text) == "english"


def test_a_stray_word_does_not_make_a_long_report_foreign() -> None:
    report = (
        "The heart is normal in size and the lungs are clear. There is no pneumothorax and no "
        "pleural effusion. Findings were discussed with Dr. Geen at the end of the examination."
    )
    assert likely_language(report) == "english"
    assert likely_language("Geen pneumothorax. The lungs are clear.") != "english"


def test_accents_do_not_decide() -> None:
    assert language_of("Sin neumotorax ni condensacion.") == "spanish"
    assert language_of("Unauffaelliger Befund ohne Erguesse.") == "german"


@given(st.lists(st.text(max_size=12), max_size=30))
def test_any_words_are_judged(words: list[str]) -> None:
    found = find_language(words)
    assert found is None or found.isalpha()
    assert find_language([]) is None
    assert LANGUAGES == ("english", "spanish", "german")


@pytest.mark.parametrize(
    "text",
    [
        "Fracture costale.",
        "Fracture de côte.",
        "Lésion pleurale.",
        "Consolidation basale gauche.",
        "Opacité basale droite.",
        "Atélectasie basale.",
        "Nodule pulmonaire.",
        "Condensation basale.",
        "Cardiomégalie modérée.",
        "Pneumothorax apical droit.",
        "Pneumothorax exclu.",
        "Pneumothorax résolu.",
        "Consolidation absente.",
        "Effusion nulle.",
        "Fracture ancienne consolidée.",
        "Pneumothorax assente.",
        "Cardiomegalia assente.",
        "Atelectasia laminare.",
        "Consolidamento basale.",
        "Pneumothorax afwezig.",
        "Pneumothorax uitgesloten.",
        "Consolidatie links.",
        "Pneumotórax ausente.",
        "Consolidação basal.",
    ],
)
def test_short_texts_of_other_languages_are_blank(text: str) -> None:
    assert set(label_report(text).values()) == {None}


@pytest.mark.parametrize(
    "text",
    [
        "Pneumothorax.",
        "Cardiomegaly, effusion.",
        "ETT 3 cm above carina.",
        "Costal fracture.",
        "Diffuse infiltration.",
        "Nodule.",
        "Fractures.",
        "RLL consolidation.",
        "Mass RUL.",
        "Rib fracture, old.",
        "Tubes ok.",
    ],
)
def test_terse_english_is_read(text: str) -> None:
    assert likely_language(text) == "english"
    assert 1 in label_report(text).values()


def test_a_denial_with_non_is_no_finding() -> None:
    assert label_report("Pneumothorax non visible.")["Pneumothorax"] == 0
