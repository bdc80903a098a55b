# The suite's commands. `make run` and `make test` set up all they need in .venv.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STUDY ?= studies/breast_xpo1.yml
OUT ?= results/breast_xpo1
EXTRAS := study,demo,dev

.PHONY: run test bench bench-quick build lint clean

run: $(VENV)/.run
	$(BIN)/prognomics run $(STUDY) --out $(OUT)

test: $(VENV)/.dev lint
	$(BIN)/prognomics spec check
	$(BIN)/python -m pytest

lint: $(VENV)/.dev
	$(BIN)/ruff check .

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks

bench-quick: $(VENV)/.dev
	$(BIN)/python -m benchmarks --quick

build: $(VENV)/.dev
	$(BIN)/prognomics spec build

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: setup.cfg pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[study,demo]"
	touch $@

$(VENV)/.dev: setup.cfg pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[$(EXTRAS)]"
	touch $@ $(VENV)/.run

clean:
	rm -rf $(VENV) build results
