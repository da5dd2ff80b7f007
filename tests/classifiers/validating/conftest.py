"""A kept classifier validated on the test split, as another site's, with labels to recalibrate."""

import json
from pathlib import Path
from typing import Any

import pytest

from radtex.classifiers.validating.validate import validate


@pytest.fixture(scope="session")
def validated(kept: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("validated") / "validation"
    validate(
        kept / "classifier",
        str(kept / "corpus"),
        out,
        pool=str(kept / "corpus"),
        recalibrate=80,
        with_films=True,
    )
    return out


@pytest.fixture(scope="session")
def said(validated: Path) -> dict[str, Any]:
    return json.loads((validated / "summary.json").read_text(encoding="utf-8"))
