"""The worst misses of each encoder: which studies to look at first."""

from radtex.transfer.evidence.html import films, paragraph, section, table
from radtex.transfer.evidence.sections.at_largest import largest_budget
from radtex.transfer.measures.misses import WORST
from radtex.transfer.results import Results


def misses_section(results: Results) -> str:
    """Rows of the test's corpus, with their films where they were asked for; "" without any."""
    rows = [["encoder", "finding", "row", "without it and scored higher", "probability"]]
    shown: dict[int, list[str]] = {}
    for encoder, values in results.classifiers.items():
        for miss in values.validation.misses:
            probability = "" if miss.probability is None else f"{miss.probability:.3f}"
            row = results.rows_of_studies[miss.study]
            rows.append([encoder, miss.target, str(row), f"{miss.outranked:.1%}", probability])
            shown.setdefault(miss.study, []).append(f"{miss.target} by {encoder}")
    if len(rows) == 1:
        return ""
    pictures = [
        (results.films[study], f"Row {results.rows_of_studies[study]}: {', '.join(missed)}")
        for study, missed in shown.items()
        if study in results.films
    ]
    note = "" if pictures else paragraph("Films are shown with --with-films alone.")
    return section(
        "Worst misses",
        table(
            rows,
            f"The {WORST} studies with a finding that each encoder ranks lowest among those "
            f"without it{_means(results)}. A row is that "
            "of the study's first image in the index of the test's corpus, counted from 0.",
        ),
        films(pictures) if pictures else note,
    )


def _means(results: Results) -> str:
    if results.of_one_classifier:
        return ""
    return f", at {largest_budget(results)} labels, as means over draws"
