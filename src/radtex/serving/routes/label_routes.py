"""Labels of people: which film is next, what they say, and tables of it."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, BackgroundTasks, Body, Depends, Query, Response
from pydantic import BaseModel, Field, StringConstraints

from radtex.serving.answering.answers import Answer
from radtex.serving.desk.label_desk import LabelDesk
from radtex.serving.desk.label_studio import labelling_config, take_tasks, to_tasks
from radtex.serving.problems import describe_problems
from radtex.serving.server import Server, server_of

router = APIRouter(prefix="/v1", tags=["labels"])
PROBLEMS = describe_problems(400, 401, 403, 404, 409, 413, 421, 422, 507)
CSV: dict[int | str, dict[str, object]] = {
    200: {"content": {"text/csv": {}}, "description": "A table."}
}
Name = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$"
    ),
]
Reader = Annotated[Name, Query(description="The reader's name.")]
Value = Literal[1, 0, -1]


async def desk_of(server: Annotated[Server, Depends(server_of)]) -> LabelDesk:
    """Return the desk of a server; a problem if it was started without one."""
    return server.the_desk()


Desk = Annotated[LabelDesk, Depends(desk_of)]


class LabelBody(BaseModel):
    """What a reader says of a film."""

    id: str = Field(
        default="",
        max_length=64,
        pattern=r"^[\w-]*$",
        description="Chosen by the page, so that sending it twice counts once.",
    )
    reader: Name
    film: int = Field(ge=0, le=2**31, description="Its number in the corpus.")
    values: dict[str, Value | None] = Field(
        default_factory=dict,
        max_length=100,
        description="By target: 1 present, 0 absent, -1 uncertain; null takes a value back.",
    )
    done: bool = Field(default=False, description="Whether the film is finished.")
    seconds: float | None = Field(
        default=None, ge=0, le=1e6, description="That the reader took for it."
    )
    report_seen: bool = Field(
        default=False, description="Whether the reader has seen the film's report."
    )


class ReaderBody(BaseModel):
    """Names a reader."""

    reader: Name


class LabelAnswer(Answer):
    """What a reader says of a film now."""

    id: str = Field(description="Of the entry that was saved, or undone.")
    film: int
    values: dict[str, int]
    report_seen: bool = Field(description="Whether the reader has seen the film's report.")


class NextAnswer(Answer):
    """The film that a reader is to label."""

    state: Literal["ready", "choosing", "done", "failed"]
    film: int | None = Field(description="Its number; null unless the state is ready.")
    picture: str | None = Field(description="Address of a PNG.")
    values: dict[str, int] = Field(description="What the reader says of it so far.")
    left: int = Field(description="Films that were chosen and not finished, this one among them.")
    finished: int = Field(description="Films that the reader has finished.")
    report_seen: bool = Field(description="Whether the reader has seen the film's report.")
    said: str = Field(description="Why no film comes, in a sentence.")
    labelled: int = Field(
        description="Where none comes: films that have labels already, and may be labelled anew."
    )


class ReaderProgress(BaseModel):
    """How far a reader is."""

    reader: str
    films: int = Field(description="Finished.")
    labels: int
    seconds_per_film: float | None = Field(description="Median over finished films.")


class LabelsAnswer(Answer):
    """How far the labels are."""

    targets: list[str] = Field(description="The findings to label, in the order of the keys.")
    readers: list[ReaderProgress]
    definite: dict[str, int] = Field(description="Studies of the pool with a label, by target.")
    damaged: int = Field(description="Lines of the file that cannot be read.")


class MoreAnswer(Answer):
    """Films that come though they have labels."""

    films: int


class TakenAnswer(Answer):
    """What was taken of tasks."""

    taken: int = Field(description="Annotations.")
    left_out: list[str] = Field(description="Why others were not taken; the first hundred.")


@router.get("/labels", responses=PROBLEMS)
def get_labels(desk: Desk) -> LabelsAnswer:
    """Say how far each reader is."""
    return LabelsAnswer(
        targets=list(desk.targets),
        readers=[
            ReaderProgress(reader=reader, films=films, labels=labels, seconds_per_film=seconds)
            for reader, (films, labels, seconds) in desk.progress().items()
        ],
        definite=desk.definite(),
        damaged=desk.journal.damaged,
    )


@router.get("/labels/next", responses=PROBLEMS)
def get_next(
    desk: Desk,
    reader: Reader,
    background: BackgroundTasks,
    after: Annotated[
        int | None, Query(ge=0, le=2**31, description="A film that is passed over.")
    ] = None,
) -> NextAnswer:
    """Give the film that a reader is to label next, in the order of `radtex next`."""
    state, row, left = desk.next_film(reader, after)
    if desk.runs_short(reader):
        background.add_task(desk.choose)
    return NextAnswer(
        state=state,
        film=row,
        picture=None if row is None else f"/v1/corpus/films/{row}/film.png",
        values={} if row is None else desk.values(reader, row),
        left=left,
        report_seen=row is not None and desk.has_seen_report(reader, row),
        said=desk.why_done() if state in ("done", "failed") else "",
        labelled=len(desk.labelled_films(reader)) if state == "done" else 0,
        finished=desk.progress().get(reader, (0, 0, None))[0],
    )


@router.post("/labels", responses=PROBLEMS)
def post_label(desk: Desk, body: LabelBody) -> LabelAnswer:
    """Save what a reader says; it is on the disk when this answers."""
    saved = desk.save(
        body.reader,
        body.film,
        dict(body.values),
        entry_id=body.id,
        done=body.done,
        seconds=body.seconds,
        report_seen=body.report_seen,
    )
    return _answer(desk, saved.id, body.reader, body.film)


@router.post("/labels/more", responses=PROBLEMS)
def post_more(desk: Desk, body: ReaderBody) -> MoreAnswer:
    """Let films of the pool come that have labels already, in a random order."""
    return MoreAnswer(films=desk.choose_labelled(body.reader))


@router.post("/labels/undo", responses=PROBLEMS)
def post_undo(desk: Desk, body: ReaderBody) -> LabelAnswer:
    """Undo what a reader said last; the entry stays in the file, beside one that undoes it."""
    undone = desk.undo(body.reader)
    row = desk.row_of(undone.film)
    assert row is not None
    return _answer(desk, undone.id, body.reader, row)


@router.get("/labels.csv", responses=PROBLEMS | CSV, response_class=Response)
def get_table(desk: Desk) -> Response:
    """Give all labels, as the table that `radtex label` takes."""
    headers = {"Content-Disposition": 'attachment; filename="labels.csv"'}
    return Response(desk.csv(), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/labels/label-studio", responses=PROBLEMS)
def get_tasks(desk: Desk) -> list[dict[str, Any]]:
    """Give all labels as Label Studio's JSON."""
    return to_tasks(desk)


@router.get("/labels/label-studio.xml", responses=PROBLEMS, response_class=Response)
def get_config(desk: Desk) -> Response:
    """Give the labelling interface for a Label Studio project."""
    return Response(labelling_config(desk.targets), media_type="application/xml")


@router.post("/labels/label-studio", responses=PROBLEMS)
def post_tasks(desk: Desk, tasks: Annotated[list[dict[str, Any]], Body()]) -> TakenAnswer:
    """Take labels from Label Studio's JSON, of tasks with annotations."""
    taken, left_out = take_tasks(desk, tasks)
    return TakenAnswer(taken=taken, left_out=left_out[:100])


def _answer(desk: LabelDesk, entry: str, reader: str, film: int) -> LabelAnswer:
    return LabelAnswer(
        id=entry,
        film=film,
        values=desk.values(reader, film),
        report_seen=desk.has_seen_report(reader, film),
    )
