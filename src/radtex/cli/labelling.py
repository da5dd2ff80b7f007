"""`radtex next` and `radtex label`: which films to label, and the labels that come back."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter
from cyclopts.validators import Number

from radtex.cli.corpus import ColumnFlags
from radtex.cli.defaults import shows_defaults_of
from radtex.cli.parameters import Count, Names, Seed, given
from radtex.cli.terminal import show
from radtex.corpus.readings.label_sources import LabelSource
from radtex.corpus.tables import Columns


@shows_defaults_of("radtex.corpus.readings.label_table:bring_labels")
def label(
    corpus: str,
    table: Path | None = None,
    /,
    *,
    reader: str | None = None,
    reader_column: str | None = None,
    label_columns: Names = None,
    columns: Annotated[Columns, ColumnFlags] = Columns(),
    replace: bool | None = None,
    undo: bool = False,
    encoding: str | None = None,
) -> None:
    """Bring a table of labels into a corpus; its images and splits stay as they are.

    A row names its film by path, image id, study id or accession number. Bad rows are left out, and
    named by number. Of several readers, the label that most gave counts; of a tie, uncertain.

    Args:
        corpus: A folder that `corpus build` made. CORPUS:SPLIT takes only labels of that split.
        table: A CSV, Excel or Parquet file, such as the one of `radtex next`, filled in.
        reader: Who read the films, for a table without a column of readers. What the same reader
            stated before of the same study and finding is replaced. Without it, `reader`.
        reader_column: Column of the readers' names. Without it, it is found by its usual names.
        label_columns: Columns that are labels. Without it, they are found by the names of the
            corpus's labels and of findings.
        columns: The column that plays each role.
        replace: Make void all that these readers stated before, not only of the same studies.
        undo: Undo the last table that was brought. The file `labels.jsonl` of the corpus keeps it.
        encoding: Encoding of a CSV.
    """
    from radtex.commands.corpora import label as bring

    told = bring(
        corpus,
        table,
        reader=reader,
        reader_column=reader_column,
        label_columns=label_columns,
        columns=columns,
        replace=replace,
        undo=undo,
        encoding=encoding,
    )
    show(told)


@shows_defaults_of("radtex.labelling.next_films:next_films")
def next_films(
    corpus: str,
    /,
    *,
    targets: Annotated[list[str], Parameter(consume_multiple=True)],
    out: Path,
    encoder: str | None = None,
    classifier: Path | None = None,
    count: Count = None,
    random_share: Annotated[float | None, Parameter(validator=Number(gte=0, lte=1))] = None,
    random_from: Annotated[
        list[Literal["pool", "test"]] | None, Parameter(consume_multiple=True)
    ] = None,
    label_sources: Annotated[list[LabelSource] | None, Parameter(consume_multiple=True)] = None,
    backbone: str | None = None,
    seed: Seed = None,
) -> None:
    """Choose the films of the pool that are to be labelled next, and write a table to fill in.

    Without labels, films that stand for many others; then those that heads on the labels so far are
    unsure of, or whose reports contradict the heads. A part is chosen at random.

    Args:
        corpus: A folder that `corpus build` made. Its pool is used, as CORPUS:pool says.
        targets: Names of labels, or a target set (but `edema`, whose grades no reader labels). The
            corpus need not have them yet.
        out: The table to make: `.xlsx` is Excel, all else CSV. `radtex label` takes it back.
        encoder: The encoder whose features tell films apart, [NAME=]WHAT. WHAT is `random`,
            `imagenet` or a run.
        classifier: A classifier in place of an encoder: its heads say what is unsure.
        count: Studies to choose.
        random_share: Share of them that is chosen at random. It alone serves to calibrate, and to
            estimate without bias.
        random_from: Splits that the random share comes from.
        label_sources: Whose labels make a study a labelled one: human, archive, report.
        backbone: Backbone of `random` and `imagenet`. Without it, that of the run.
        seed: Seed for the groups that films are put into, and for the weights of `random`.
    """
    from radtex.labelling.next_films import next_films as run

    options = given(
        encoder=encoder,
        classifier=classifier,
        count=count,
        random_share=random_share,
        random_from=random_from,
        label_sources=label_sources,
        backbone=backbone,
        seed=seed,
    )
    show(run(corpus, targets, out, **options))
