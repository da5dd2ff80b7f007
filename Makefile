PYTHON ?= python3
BIN := .venv/bin
ENV := .venv/.installed

.PHONY: env demo test soak clean

env: $(ENV)

$(ENV): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --progress-bar off --editable '.[dev]'
	touch $@

demo: $(ENV)
	$(BIN)/radtex demo --out demo

test: $(ENV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest

soak: $(ENV)
	$(BIN)/pytest -m soak

clean:
	rm -rf .venv demo
