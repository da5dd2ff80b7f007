"""Reports that a PACS holds as DICOM structured reports: the text that a person dictated.

Only documents of text are read (Basic Text, Enhanced and Comprehensive SR), complete ones, and
none whose observer is a device: what a machine said of a film is no report to learn from.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from radtex.pacs.pacs import Attributes, text_of

SEVERAL = "several reports in the PACS, the last was taken"
MACHINES = "document of a machine in the PACS was not read as a report"
_CLASSES = {f"1.2.840.10008.5.1.4.1.1.88.{number}" for number in (11, 22, 33)}
_CONTENT, _CONCEPT, _CODE, _VALUE_TYPE = "0040A730", "0040A043", "0040A168", "0040A040"
_TEXT, _MEANING, _CODE_VALUE = "0040A160", "00080104", "00080100"
_COMPLETION = "0040A491"
_WHEN = ("00080023", "00080033")
_DEVICE = "121007"
_DEEPEST, _MOST_ITEMS = 32, 10_000


def report_of(documents: Sequence[Attributes]) -> tuple[str, tuple[str, ...]]:
    """Return the report of a study, each section under its heading, and what is odd about it.

    Args:
        documents: all that a PACS holds of modality SR for the study, in DICOM's JSON.

    Returns:
        The text, "" where there is none, and flags.
    """
    found: list[tuple[tuple[str, ...], str]] = []
    machines = False
    for document in documents:
        if text_of(document, "00080016") not in _CLASSES:
            continue
        if text_of(document, _COMPLETION) == "PARTIAL":
            continue
        items = list(_items(document))
        if any(_coded(item, _CODE, _CODE_VALUE) == _DEVICE for _, item in items):
            machines = True
            continue
        lines = list(_lines(items))
        if lines:
            found.append((tuple(text_of(document, tag) for tag in _WHEN), "\n".join(lines)))
    flags = (MACHINES,) if machines else ()
    if not found:
        return "", flags
    if len({text for _, text in found}) > 1:
        flags = (*flags, SEVERAL)
    return max(found)[1], flags


def _lines(items: Sequence[tuple[str, Mapping[str, Any]]]) -> Iterator[str]:
    last = ""
    for heading, item in items:
        if text_of(item, _VALUE_TYPE) != "TEXT" or not (text := text_of(item, _TEXT)):
            continue
        heading = heading or _coded(item, _CONCEPT, _MEANING)
        if heading and heading != last:
            yield f"{heading.upper()}:"
            last = heading
        yield text


def _items(document: Attributes) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each content item in reading order, with the heading of the section it stands in."""
    left = [(1, "", document)]
    count = 0
    while left:
        depth, heading, item = left.pop()
        count += 1
        if depth > _DEEPEST or count > _MOST_ITEMS:
            return
        yield heading, item
        if depth > 1 and text_of(item, _VALUE_TYPE) == "CONTAINER":
            heading = _coded(item, _CONCEPT, _MEANING)
        inside = item.get(_CONTENT)
        values = inside.get("Value") if isinstance(inside, dict) else None
        if isinstance(values, list):
            below = [(depth + 1, heading, each) for each in values if isinstance(each, dict)]
            left += reversed(below)


def _coded(item: Mapping[str, Any], sequence: str, tag: str) -> str:
    element = item.get(sequence)
    values = element.get("Value") if isinstance(element, dict) else None
    code = values[0] if isinstance(values, list) and values else None
    return text_of(code, tag) if isinstance(code, dict) else ""
