"""Tables of the page."""

from pathlib import Path
from typing import Any


def test_the_tables_say_what_the_summary_says(validated: Path, said: dict[str, Any]) -> None:
    page = (validated / "report.html").read_text(encoding="utf-8")
    for each in said["beside_card"]:
        difference = each["difference"]
        assert f"{difference['value']:+.3f} [{difference['low']:+.3f}, " in page
    for each in said["predictive_values"]:
        assert f"{each['positive']['value']:.2f} [{each['positive']['low']:.2f}, " in page
    for each in said["recalibration"]:
        assert f"{each['after']['brier']['mean']:.3f} [" in page
    source = said["drift"]["source_auc"]
    assert f"{source['value']:.2f} [{source['low']:.2f}, {source['high']:.2f}]" in page
    assert said["in_plain_words"].split(",")[0] in page


def test_it_prints_on_paper(validated: Path) -> None:
    page = (validated / "report.html").read_text(encoding="utf-8")
    assert "@page { margin: 14mm; }" in page
    assert "@media print" in page
