"""Labels from and for Label Studio: its JSON of tasks with annotations.

Each finding is a control of its own, `<Choices name="FINDING" toName="image">`, with the choices
present, absent and uncertain.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from radtex.corpus import normalise
from radtex.errors import CorpusError
from radtex.serving.desk.label_desk import LabelDesk
from radtex.serving.desk.label_journal import readings_of, seen_reports

_WORDS = {1: "present", 0: "absent", -1: "uncertain"}
_VALUES = {word: value for value, word in _WORDS.items()} | {
    "yes": 1,
    "no": 0,
    "positive": 1,
    "negative": 0,
    "unsure": -1,
}
_SEEN_BY = "report_seen_by"
"""In a task's data: the readers who had seen the film's report."""
_FILM = re.compile(r"/films/(\d+)/film\.png$")
_MOST_TASKS = 100_000


def labelling_config(targets: Sequence[str]) -> str:
    """Return the labelling interface of a Label Studio project for some findings, as XML."""
    controls = "".join(
        f'<Header value="{_escaped(name)}"/><Choices name="{_escaped(name)}" toName="image" '
        'choice="single-radio"><Choice value="present"/><Choice value="absent"/>'
        '<Choice value="uncertain"/></Choices>'
        for name in targets
    )
    return f'<View><Image name="image" value="$image"/>{controls}</View>'


def to_tasks(desk: LabelDesk) -> list[dict[str, Any]]:
    """Return all labels as tasks, a task for each film and an annotation for each reader."""
    tasks: dict[str, dict[str, Any]] = {}
    standing = desk.journal.standing
    seen = seen_reports(standing)
    for each in readings_of(standing, desk.targets):
        for place, film in enumerate(each.images):
            row = desk.row_of(film)
            task = tasks.setdefault(
                film,
                {
                    "data": {
                        "image": f"/v1/corpus/films/{row}/film.png",
                        "image_id": film,
                        _SEEN_BY: [],
                    },
                    "annotations": [],
                },
            )
            said = {name: each.values[name][place] for name in desk.targets}
            result = [
                {
                    "from_name": name,
                    "to_name": "image",
                    "type": "choices",
                    "value": {"choices": [_WORDS[value]]},
                }
                for name, value in said.items()
                if value is not None
            ]
            if (each.reader, film) in seen:
                task["data"][_SEEN_BY].append(each.reader)
            task["annotations"].append({"completed_by": {"email": each.reader}, "result": result})
    return list(tasks.values())


def take_tasks(desk: LabelDesk, tasks: Sequence[Any]) -> tuple[int, list[str]]:
    """Save the labels of tasks.

    Args:
        desk: where they are saved.
        tasks: as Label Studio exports them.

    Returns:
        The number of annotations that were taken, and why others were not, in sentences.

    Raises:
        CorpusError: if there are too many.
        OutputError: if they cannot be written.
    """
    if len(tasks) > _MOST_TASKS:
        raise CorpusError(f"{len(tasks):,} tasks are too many; bring {_MOST_TASKS:,} at a time")
    taken, left_out = 0, []
    targets = {name.casefold(): name for name in desk.targets}
    for number, task in enumerate(tasks, 1):
        row = _row(desk, task)
        if row is None:
            left_out.append(f"Task {number} names no film of the corpus.")
            continue
        annotations = task.get("annotations")
        for place, each in enumerate(annotations if isinstance(annotations, list) else []):
            values = _values(each, targets)
            if not values:
                left_out.append(f"Task {number} states nothing of the findings to label.")
                continue
            reader = _reader(each)
            film = desk.corpus.index["image_id"].iloc[row]
            name = f"label-studio:{each.get('id', place)}:{film}:{reader}:{sorted(values.items())}"
            known = task["data"].get(_SEEN_BY)
            seen = isinstance(known, list) and reader in known
            desk.save(reader, row, dict(values), entry_id=name, done=True, report_seen=seen)
            taken += 1
    return taken, left_out


def _row(desk: LabelDesk, task: Any) -> int | None:
    data = task.get("data") if isinstance(task, dict) else None
    if not isinstance(data, dict):
        return None
    named = data.get("image_id")
    if isinstance(named, str):
        return desk.row_of(named)
    address = data.get("image")
    if not isinstance(address, str):
        return None
    if match := _FILM.search(address):
        row = int(match[1])
        return row if row < len(desk.corpus.index) else None
    stem = re.split(r"[/\\]", address)[-1]
    row_of_stem = desk.row_of(stem)
    return desk.row_of(stem.rsplit(".", 1)[0]) if row_of_stem is None else row_of_stem


def _values(annotation: Any, targets: Mapping[str, str]) -> dict[str, int]:
    if not isinstance(annotation, dict) or annotation.get("was_cancelled"):
        return {}
    results = annotation.get("result")
    found: dict[str, int] = {}
    for each in results if isinstance(results, list) else []:
        value = each.get("value") if isinstance(each, dict) else None
        choices = value.get("choices") if isinstance(value, dict) else None
        target = targets.get(str(each.get("from_name", "")).casefold()) if choices else None
        if target is None or not isinstance(choices, list) or len(choices) != 1:
            continue
        meant = _meaning(str(choices[0]))
        if meant is not None:
            found[target] = meant
    return found


def _meaning(word: str) -> int | None:
    known = _VALUES.get(word.strip().casefold())
    if known is not None:
        return known
    try:
        return normalise.label(word)
    except CorpusError:
        return None


def _reader(annotation: Mapping[str, Any]) -> str:
    by = annotation.get("completed_by")
    if isinstance(by, dict):
        by = by.get("email") or by.get("id")
    return str(by)[:100] if by not in (None, "") else "Label Studio"


def _escaped(name: str) -> str:
    return name.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
