"""The words that head the sections of a report, in English, Spanish and German.

They are compared in capitals and without accents: `INDICACION` stands for "Indicación:" too.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache

PREAMBLE = "preamble"
DIAGNOSIS = "diagnosis"
SUMMARY = "summary"

HEADERS: Mapping[str, tuple[str, ...]] = {
    PREAMBLE: ("FINAL REPORT", "NARRATIVE"),
    "examination": (
        "EXAMINATION", "EXAM", "STUDY", "PROCEDURE", "TYPE OF EXAM", "TYPE OF EXAMINATION",
        "EXAM TYPE", "EXAMINATION TYPE", "STUDY TYPE", "EXAM PERFORMED", "PROCEDURE PERFORMED",
        "MODALITY",
        "ESTUDIO", "TIPO DE ESTUDIO", "EXPLORACION", "PRUEBA", "EXAMEN", "UNTERSUCHUNG",
    ),
    "indication": (
        "INDICATION", "INDICATIONS", "CLINICAL INDICATION", "CLINICAL INDICATIONS", "HISTORY",
        "CLINICAL HISTORY", "PATIENT HISTORY", "HISTORY AND INDICATION", "INDICATION AND HISTORY",
        "CLINICAL INFORMATION", "CLINICAL DATA", "REASON FOR EXAM", "REASON FOR THE EXAM",
        "REASON FOR THIS EXAM", "REASON FOR EXAMINATION", "REASON FOR THE EXAMINATION",
        "REASON FOR THIS EXAMINATION", "REASON FOR STUDY", "REASON FOR THE STUDY",
        "CLINICAL DETAIL", "CLINICAL DETAILS", "CLINICAL QUESTION", "CLINICAL QUESTIONS",
        "CLINICAL CONTEXT", "CLINICAL INFO", "CLINICAL BACKGROUND", "CLINICAL CONCERN",
        "CLINICAL REQUEST", "CLINICAL DIAGNOSIS", "CLINICAL PRESENTATION", "CLINICAL SYMPTOMS",
        "CLINICAL HX", "CLINICAL NOTES", "CLINICAL STATEMENT", "CLINICAL SUMMARY", "REASON",
        "REASONS", "REASON FOR REFERRAL", "REASON FOR REQUEST", "REASON FOR VISIT",
        "REASON FOR IMAGING", "REASON FOR X-RAY", "REASON FOR XRAY", "REASON FOR THIS STUDY",
        "REFERRAL", "REQUEST", "REQUEST DETAILS", "HX", "PMH", "PMHX", "HPI",
        "PAST MEDICAL HISTORY", "MEDICAL HISTORY", "BRIEF HISTORY", "RELEVANT HISTORY",
        "HISTORY OF PRESENT ILLNESS", "PRESENTING COMPLAINT", "PRESENTING COMPLAINTS",
        "CHIEF COMPLAINT", "COMPLAINT", "SYMPTOMS", "SIGNS AND SYMPTOMS", "ADMITTING DIAGNOSIS",
        "ORDERING DIAGNOSIS", "REFERRING DIAGNOSIS", "PROVISIONAL DIAGNOSIS",
        "INDICATION FOR EXAM", "INDICATION FOR EXAMINATION", "INDICATION FOR STUDY",
        "INDICACION", "INDICACIONES", "INDICACION CLINICA", "MOTIVO", "MOTIVO DE CONSULTA",
        "MOTIVO DEL ESTUDIO", "MOTIVO DE ESTUDIO", "MOTIVO DE LA EXPLORACION",
        "MOTIVO DE SOLICITUD", "MOTIVO DE LA PETICION", "MOTIVO DE PETICION", "DATOS CLINICOS",
        "INFORMACION CLINICA", "HISTORIA CLINICA", "HISTORIA", "CUADRO CLINICO", "ANTECEDENTES",
        "SOSPECHA CLINICA", "DIAGNOSTICO CLINICO", "JUSTIFICACION", "ORIENTACION DIAGNOSTICA",
        "INDIKATION", "RECHTFERTIGENDE INDIKATION", "KLINIK", "FRAGESTELLUNG", "ANAMNESE",
        "KLINIK UND FRAGESTELLUNG", "KLINIK/FRAGESTELLUNG", "KLINISCHE FRAGESTELLUNG",
        "KLINISCHE ANGABEN", "KLINISCHE ANGABE", "KLINISCHE INFORMATION",
        "KLINISCHE INFORMATIONEN", "KLINISCHE DATEN", "KLINISCHER HINTERGRUND",
    ),
    "comparison": (
        "COMPARISON", "COMPARISONS", "COMPARISON STUDY", "COMPARISON STUDIES", "COMPARISON EXAM",
        "PRIOR STUDY", "PRIOR STUDIES", "COMPARISON EXAMS", "COMPARISON FILM", "COMPARISON FILMS",
        "COMPARISON DATE", "COMPARISON RADIOGRAPH", "COMPARISON RADIOGRAPHS", "PRIOR EXAM",
        "PRIOR EXAMS", "PRIOR FILM", "PRIOR FILMS", "PRIORS", "PREVIOUS STUDY",
        "PREVIOUS STUDIES", "PREVIOUS IMAGING", "PRIOR IMAGING", "COMPARED TO", "COMPARED WITH",
        "COMPARACION", "COMPARATIVA", "ESTUDIO PREVIO", "ESTUDIOS PREVIOS", "ESTUDIOS COMPARATIVOS",
        "VERGLEICH", "VORAUFNAHME", "VORAUFNAHMEN", "VORUNTERSUCHUNG", "VORUNTERSUCHUNGEN",
        "ZUM VERGLEICH",
    ),
    "technique": (
        "TECHNIQUE", "PROCEDURE COMMENTS", "VIEWS", "NUMBER OF VIEWS", "METHOD", "PROJECTION",
        "PROJECTIONS",
        "TECNICA", "PROYECCION", "PROYECCIONES", "TECHNIK", "METHODE", "METHODIK", "PROJEKTION",
    ),
    "findings": (
        "FINDINGS", "FINDING", "DESCRIPTION", "OBSERVATIONS", "FINDINGS AND IMPRESSION",
        "FINDINGS & IMPRESSION", "FINDINGS/IMPRESSION", "FINDINGS / IMPRESSION",
        "IMPRESSION AND FINDINGS", "IMPRESSION/FINDINGS", "REPORT", "RESULT", "RESULTS",
        "FINDINGS/RESULTS", "RESULTS/FINDINGS", "FINDINGS AND RESULTS", "RADIOGRAPHIC FINDINGS",
        "RADIOLOGICAL FINDINGS", "IMAGING FINDINGS", "REPORT BODY", "BODY OF REPORT",
        "FINDINGS AND CONCLUSION", "FINDINGS/CONCLUSION", "FINAL READ",
        "HALLAZGO", "HALLAZGOS", "HALLAZGOS E IMPRESION", "DESCRIPCION", "INFORME", "RESULTADO",
        "RESULTADOS", "BEFUND", "BEFUNDE", "BEFUND UND BEURTEILUNG", "BEFUND/BEURTEILUNG",
    ),
    "impression": (
        "IMPRESSION", "IMPRESSIONS", "FINAL IMPRESSION", "CONCLUSION", "CONCLUSIONS", "OPINION",
        "INTERPRETATION", "IMP", "IMPR", "IMPRESSION AND RECOMMENDATION",
        "IMPRESSION AND RECOMMENDATIONS", "IMPRESSION/RECOMMENDATION", "IMPRESSION AND PLAN",
        "IMPRESSION/PLAN", "ASSESSMENT", "FINAL DIAGNOSIS", "RADIOLOGICAL DIAGNOSIS",
        "RADIOLOGIC DIAGNOSIS",
        "IMPRESION", "IMPRESION DIAGNOSTICA", "CONCLUSIONES", "JUICIO DIAGNOSTICO",
        "DIAGNOSTICO RADIOLOGICO", "BEURTEILUNG", "ZUSAMMENFASSUNG", "ZUSAMMENFASSENDE BEURTEILUNG",
    ),
    DIAGNOSIS: ("DIAGNOSIS", "DIAGNOSES", "DIAGNOSTICO", "DIAGNOSE"),
    SUMMARY: ("SUMMARY", "RESUMEN"),
    "recommendation": (
        "RECOMMENDATION", "RECOMMENDATIONS", "RECOMENDACION", "RECOMENDACIONES", "EMPFEHLUNG",
        "EMPFEHLUNGEN",
    ),
    "notification": ("NOTIFICATION", "NOTIFICATIONS", "COMMUNICATION"),
    "addendum": (
        "ADDENDUM", "ADDENDA", "ADDENDUM REPORT", "AMENDED REPORT", "AMENDMENT", "ADENDA",
        "ADENDUM", "NACHTRAG", "ERGANZUNG", "ERGAENZUNG",
    ),
    "wet read": ("WET READ", "PRELIMINARY READ", "PRELIMINARY REPORT"),
    "end": (
        "END OF IMPRESSION", "END OF REPORT", "ACCESSION NUMBER", "SIGNED BY", "DICTATED BY",
        "ELECTRONICALLY SIGNED BY", "APPROVED BY",
    ),
}  # fmt: skip
"""Headers of each section; "end" holds codes and signatures, nothing about the image.

A diagnosis or a summary becomes another section, by its place and by what it says: see
`radtex.reports.parse_report`.
"""

LONGEST, MOST_WORDS = 60, 5
"""Characters and words that a header has at most."""

_AROUND = " []()<>=*#•-–—:"
SHORTEST_MISSPELT = 7
"""Characters that a header has at least in which a wrong letter is forgiven."""

_NAMES = {phrase: name for name, phrases in HEADERS.items() for phrase in phrases}
_FIRST_WORDS = frozenset(phrase.split()[0] for phrase in _NAMES)
_NUMBERED = re.compile(r"(ADDENDUM|ADENDA|NACHTRAG|WET READ) (?:# ?|NO\.? ?)?\d{1,2}")


def _one_letter_less(phrase: str) -> Iterator[str]:
    return (phrase[:i] + phrase[i + 1 :] for i in range(len(phrase)))


_MISSPELT = {
    shorter: name
    for phrase, name in _NAMES.items()
    if len(phrase) >= SHORTEST_MISSPELT
    for shorter in _one_letter_less(phrase)
}


def begins_header(word: str) -> bool:
    """Tell whether a word, with marks around it, is the first of a header."""
    return _without_accents(word.upper()).strip(_AROUND) in _FIRST_WORDS


def section_name(phrase: str, misspelt: bool = False) -> str:
    """Return the section that a phrase is a header of, a key of `HEADERS`; "" if of none.

    Args:
        phrase: in any case, with or without accents, a colon, brackets or marks around it.
        misspelt: whether one wrong, missing or surplus letter is forgiven.
    """
    return _section_name(phrase, misspelt) if len(phrase) <= LONGEST else ""


@lru_cache(maxsize=1 << 12)
def _section_name(phrase: str, misspelt: bool) -> str:
    plain = " ".join(_without_accents(phrase.upper()).removesuffix("(S)").split())
    if (name := _NAMES.get(plain)) is not None:
        return name
    plain = plain.strip(_AROUND)
    if (numbered := _NUMBERED.fullmatch(plain)) is not None:
        plain = numbered[1]
    plain = plain.removesuffix("(S")
    if plain in _NAMES or not misspelt or len(plain) < SHORTEST_MISSPELT:
        return _NAMES.get(plain, "")
    if plain in _MISSPELT:
        return _MISSPELT[plain]
    shorter = (_NAMES.get(less) or _MISSPELT.get(less) for less in _one_letter_less(plain))
    return next(filter(None, shorter), "")


def _without_accents(text: str) -> str:
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
