"""Ids as they come out of headers, tables and spreadsheets, brought to forms that compare."""

import re
import unicodedata

_WHOLE = re.compile(r"([0-9]{1,64})(?:[.,]0{1,64})?")
_SCIENTIFIC = re.compile(r"([0-9])(?:[.,]([0-9]{1,32}))?e\+?([0-9]{1,3})")


def written(cell: str) -> str:
    """Return an id without the spaces around it and the marks by which a spreadsheet says text.

    >>> [written(cell) for cell in (" 0012 ", '="0012"', "'0012")]
    ['0012', '0012', '0012']
    """
    value = cell.strip().strip("\0\ufeff\u200b")
    if len(value) > 3 and value.startswith('="') and value.endswith('"'):
        value = value[2:-1]
    return value.removeprefix("'").strip()


def folded(cell: str) -> str:
    """Return an id without case and spaces, and its letters and digits in their plain form.

    >>> folded(" Acc 12b")
    'acc12b'
    """
    return "".join(unicodedata.normalize("NFKC", written(cell)).casefold().split())


def unpadded(cell: str) -> str:
    """Return an id as a spreadsheet leaves it: a number without leading zeros and decimals.

    Scientific notation counts if it states every digit; what `is_rounded` stays as it is.

    >>> [unpadded(cell) for cell in ("0012", "12.0", "1.2E+1", "A012", "000")]
    ['12', '12', '12', 'a012', '0']
    """
    value = folded(cell)
    if found := _WHOLE.fullmatch(value):
        return found[1].lstrip("0") or "0"
    if (found := _SCIENTIFIC.fullmatch(value)) and not is_rounded(value):
        digits = found[1] + (found[2] or "")
        whole, rest = digits[: int(found[3]) + 1], digits[int(found[3]) + 1 :]
        if not rest.strip("0"):
            return whole.lstrip("0") or "0"
    return value


def is_rounded(cell: str) -> bool:
    """Tell whether a spreadsheet rounded an id, so that its last digits are lost.

    >>> [is_rounded(cell) for cell in ("1.23457E+11", "1.2E+1", "12")]
    [True, False, False]
    """
    found = _SCIENTIFIC.fullmatch(folded(cell))
    return found is not None and len(found[2] or "") < int(found[3])
