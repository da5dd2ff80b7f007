"""Left and right in a report, exchanged: what is true of the mirrored radiograph."""

import re

_LETTER = r"[^\W\d_]"
_LOBES = ("UL", "ML", "LL")
_CURVES = "scolio[st]i[sc]|convex|convexity|curvature|cardia|position|positioned|rotation|rotated"
_PLACES = (
    "sided?|lungs?|base|bases|basal|basilar|apex|apical|upper|lower|mid|middle|hilum|hilar|hilus|"
    "hemithorax|hemidiaphragm|pleural|effusions?|pneumothorax|costophrenic|clavicle|ribs?|"
    "shoulder|breast|chest|subclavian|internal|jugular|picc|ij"
)

_SIDE = re.compile(
    rf"(?<!{_LETTER})(?:"
    rf"(?P<word>left|Left|LEFT|right|Right|RIGHT)(?=(?:wards?|most|sided|WARDS?|MOST|SIDED)?(?!{_LETTER}))"
    rf"|(?P<lobe>[LR])(?=(?:{'|'.join(_LOBES)})(?!\w))"
    rf"|(?P<curve>dextro|Dextro|DEXTRO|levo|Levo|LEVO)(?=[ -]?(?i:{_CURVES})(?!{_LETTER}))"
    rf"|(?<![\d.]\s)(?<![\d_])(?P<letter>[LR])(?=\s(?i:{_PLACES})(?!{_LETTER})|\s?[<>]\s?[LR](?!\w))"
    rf"|(?<=[LR][<>])(?P<second>[LR])(?!\w)|(?<=[LR]\s[<>]\s)(?P<spaced>[LR])(?!\w)"
    r")"
)
_OTHER = {"left": "right", "right": "left", "l": "r", "r": "l", "dextro": "levo", "levo": "dextro"}


def swap_sides(text: str) -> str:
    """Exchange left and right in a text, both ways; done twice, it gives the text back.

    These are exchanged, at the boundaries of words and in their own case (left, Left, LEFT):

    - left and right, also in leftward(s), leftmost and left-sided, and their opposites;
    - dextro- and levo- before scoliosis, convexity, curvature, cardia, position, rotation;
    - the lobes RUL, RML, RLL and LUL, LML, LLL;
    - a capital L or R alone before a word of place (L lung, R base, L PICC) that no number
      precedes, and in a comparison (L > R, R<L).

    Other abbreviations and letters stay, since they may mean something else: RA is room air, LAD
    lymphadenopathy, L1 a vertebra, 2 L a volume. The verb in "left the room" and the adjective in
    "right angle" cannot be told from the sides.
    """
    return _SIDE.sub(_exchange, text)


def _exchange(match: re.Match[str]) -> str:
    found = match.group()
    other = _OTHER[found.lower()]
    if found.isupper():
        return other.upper()
    return other.capitalize() if found[0].isupper() else other
