"""Print the lowest versions of the dependencies that pyproject.toml allows, as requirements."""

import tomllib
from pathlib import Path

EXTRAS = ("dask", "imagenet", "pacs")
"""Extras that the tests of corpus, reports, pretraining and transfer use."""
TOOLS = ("hypothesis", "psutil", "pytest", "pytest-xdist", "torchxrayvision")
"""What the tests are run with, at any version; the last holds real tables of labels."""


def main() -> None:
    """Read the project beside this folder; every dependency there is bounded by `>=`."""
    file = Path(__file__).parent.parent / "pyproject.toml"
    project = tomllib.loads(file.read_text(encoding="utf-8"))["project"]
    bounded = list(project["dependencies"])
    for extra in EXTRAS:
        bounded += project["optional-dependencies"][extra]
    for requirement in bounded:
        name, found, version = requirement.partition(">=")
        if not found:
            raise SystemExit(f"{requirement} has no lowest version; write NAME>=VERSION")
        print(f"{name}=={version}")
    print(*TOOLS, sep="\n")


if __name__ == "__main__":
    main()
