PYTHON ?= python3
BIN := .venv/bin
ENV := .venv/.installed
LOWEST := .venv-lowest
PIP := -m pip install --disable-pip-version-check --quiet --progress-bar off

.PHONY: env demo docs test test-lowest soak evidence evidence-gpu reproduce-mimic clean

env: $(ENV)

$(ENV): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python $(PIP) --editable '.[dev]'
	touch $@

demo: $(ENV)
	$(BIN)/radtex demo --out demo

# The site, in docs/_build; a warning, or a link that leads nowhere, is an error.
docs: $(ENV)
	$(BIN)/python -m sphinx -n -W --keep-going -q -b html docs docs/_build

test: $(ENV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

# The lowest versions that pyproject.toml allows.
test-lowest:
	test -x $(LOWEST)/bin/python || $(PYTHON) -m venv $(LOWEST)
	$(PYTHON) .ci/lowest.py > $(LOWEST)/requirements.txt
	$(LOWEST)/bin/python $(PIP) --only-binary :all: --requirement $(LOWEST)/requirements.txt
	$(LOWEST)/bin/python $(PIP) --no-deps --editable .
	$(LOWEST)/bin/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder \
		tests/corpus tests/reports tests/transfer \
		tests/pretraining/objectives tests/pretraining/loop/test_optimizers.py

soak: $(ENV)
	$(BIN)/pytest -m soak
	$(BIN)/pytest -m hypothesis --hypothesis-profile random

evidence: $(ENV)
	$(BIN)/python evidence/run.py evidence/protocol.yaml nih=$(NIH) nih320=$(NIH320)
	$(BIN)/python evidence/run.py evidence/objectives.yaml nih=$(NIH)

# On a GPU that is lent for minutes; results so far survive a cut-off.
evidence-gpu: $(ENV)
	$(BIN)/python evidence/gpu.py --minutes $(or $(MINUTES),8) --out $(or $(OUT),evidence/gpu)

reproduce-mimic: $(ENV)
	@$(BIN)/python evidence/run.py evidence/mimic.yaml --threads $(or $(THREADS),8) \
		--gpus-per-run $(or $(GPUS_PER_RUN),1) mimic=$(MIMIC) reports=$(REPORTS) chexpert=$(CHEXPERT)

clean:
	rm -rf .venv $(LOWEST) demo docs/_build
