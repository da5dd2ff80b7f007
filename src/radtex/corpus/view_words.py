"""Which view a text names, in the words of tables and headers, in several languages."""

import re
import unicodedata

from radtex.corpus.record import View

_BACK, _FRONT = r"POST(?:ERI?O|ERIOR)?", r"ANT(?:ERO)?"
_ENDS = {
    "PA": rf"{_BACK} ?(?:TO )?ANT(?:ERIOR[A-Z]*|ERIEUR[A-Z]*)?|DORSO ?VENTRAL[A-Z]*|PA|P A",
    "AP": rf"(?:{_FRONT}|ANTERIOR) ?(?:TO )?POST(?:ERIOR[A-Z]*|ERIEUR[A-Z]*)?"
    "|VENTRO ?DORSAL[A-Z]*|AP|A P",
    "LATERAL": "(?:LATERO ?)?LATERA(?:L|LE|LES|LI|LIS|UX)|LAT|LL|RL|LLAT|RLAT|PROFIL[EO]?|PERFIL"
    "|SEITLICH[A-Z]*|SEITL|SEITE|SEITEN[A-Z]*|SEITAUFNAHME",
    "FRONTAL": "FRONTAL[A-Z]*|FRONT|FACE",
}
_VIEWS = {name: re.compile(f" (?:{words}) ") for name, words in _ENDS.items()}

_OTHER = re.compile(
    " (?:OBL|OBLI[CQ]U[A-Z]*|SCHRAG[A-Z]*|LAO|RAO|LPO|RPO|LLO|RLO|LLD|RLD|SWIMMERS?"
    "|(?:HYPER)?LORDOTI[A-Z]*|LORDOSE|APICAL|APICOGRAM[A-Z]*|LINDBLOM) "
)
_DECUBITUS, _SIDE, _BACK_OR_BELLY = (
    re.compile(f" (?:{words}) ")
    for words in (
        "DECUB[A-Z]*",
        "LAT|LATERAL[A-Z]*|RIGHT|LEFT|R|L|DERECH[AO]|IZQUIERD[AO]|DROITE?|GAUCHE",
        "DECUBITO|SUPIN[A-Z]*|DORSAL|PRON[A-Z]*",
    )
)
_SAYS_NOTHING = re.compile(
    " (?:CHEST|THORA[A-Z]*|TORA[A-Z]*|LUNGS?|LUNGE|CXR|X ?RAYS?|RX|VIEWS?|RONTGEN[A-Z]*"
    "|RADIOGRA[A-Z]*|PORTABLE|PORTATIL|MOBILE?|SUPIN[A-Z]*|ERECT|UPRIGHT|STANDING|SITTING"
    "|LIEGEND[A-Z]*|STEHEND[A-Z]*|SITZEND[A-Z]*|BETT[A-Z]*|EBENEN?|PROYECCION[A-Z]*) "
)


def view_in(text: str) -> View:
    """Return the one view that a text names.

    PA, AP and lateral may stand anywhere, in full or in short ("Thorax p.a.", "AP supine"). An
    oblique or lordotic view, and one of a patient who lies on a side, is OTHER whatever else is
    said. A text of several views ("PA and lateral"), of none, or of "frontal" alone is "".
    """
    return _view(_words(text))


def view_of_cell(text: str) -> View:
    """Return the view that a table's cell states: as `view_in`, but OTHER for unknown words.

    "L" alone is LATERAL. What names no view but speaks of the chest or of the film ("chest, 2
    views", "x-ray") is "", as are several views.
    """
    words = _words(text)
    if words == " L ":
        return "LATERAL"
    view = _view(words)
    if view or not words.strip():
        return view
    named = any(pattern.search(words) for pattern in _VIEWS.values())
    return "" if named or _SAYS_NOTHING.search(words) else "OTHER"


def _view(words: str) -> View:
    if _OTHER.search(words) or _on_a_side(words):
        return "OTHER"
    found = {name for name, pattern in _VIEWS.items() if pattern.search(words)}
    if found in ({"PA"}, {"PA", "FRONTAL"}):
        return "PA"
    if found in ({"AP"}, {"AP", "FRONTAL"}):
        return "AP"
    return "LATERAL" if found == {"LATERAL"} else ""


def _on_a_side(words: str) -> bool:
    """Tell whether the patient lies on a side; "decúbito supino" is on the back."""
    if not _DECUBITUS.search(words):
        return False
    return bool(_SIDE.search(words)) or not _BACK_OR_BELLY.search(words)


def _words(text: str) -> str:
    """Return the words of a text in plain capitals, with a space before and after each."""
    plain = unicodedata.normalize("NFKD", text.upper())
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return f" {' '.join(re.findall('[A-Z]+', letters))} "
