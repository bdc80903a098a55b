# The suite's commands. `make run` and `make test` set up all they need in .venv.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STUDY ?= studies/breast_xpo1.yml
OUT ?= results/breast_xpo1
EXTRAS := study,demo,dev

# The letter's margins: 15 cohorts, 1,362 primaries, 32 relapses, 4 normals, 610 with follow-up (docs/letter.md).
LETTER_COHORTS := results/letter_cohorts
LETTER_SIZES := 310 160 140 120 100 90 80 70 60 55 50 45 35 27 20
LETTER_OPTIONS := --cohorts 15 $(LETTER_SIZES:%=--samples-per-cohort %) --genes 2000 --marker XPO1 \
	--hazard-ratio 2.97 --hazard-ratio-of group --high-fraction 0.8385 --normals 4 --relapses 32 --outcomes 610 \
	--event-fraction 0.3 --endpoint mfs --cohort-hazard-sd 0.2 --signature-strength 0.7 \
	--signature-marker-correlation 0.3 --age-marker-correlation -0.18 --subtype-association 0.3 --seed 2513 --format geo

.PHONY: run letter test test-galaxy galaxy-pictures bench bench-quick build lint clean

run: $(VENV)/.run
	$(BIN)/prognomics run $(STUDY) --out $(OUT)

letter: $(VENV)/.run | $(LETTER_COHORTS)
	$(BIN)/prognomics run studies/letter_reenacted.yml --data $(LETTER_COHORTS) --out results/letter_reenacted

$(LETTER_COHORTS): | $(VENV)/.run
	mkdir -p $(@D)
	$(BIN)/prognomics simulate_cohorts $(LETTER_OPTIONS) --out-directory $@

test: $(VENV)/.dev lint
	$(BIN)/prognomics spec check
	$(BIN)/python -m pytest

lint: $(VENV)/.dev
	$(BIN)/ruff check .

# A real Galaxy, made from PyPI: lint, every wrapper's marked cases, hostile input, clean stop.
test-galaxy: $(VENV)/.dev
	tests/galaxy/run.sh $(VENV)

# The same, with pictures of forms, results and the finished workflow in build/pictures, to be looked at.
galaxy-pictures: export PROGNOMICS_PICTURES = $(CURDIR)/build/pictures
galaxy-pictures: test-galaxy

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
