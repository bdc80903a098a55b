# The suite's commands. `make run` and `make test` set up all they need in .venv.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STUDY ?= studies/breast_xpo1.yml
OUT ?= results/breast_xpo1
# Exact versions with hashes: dev, run and lowest are tested; `newest` takes what the ranges of setup.cfg allow today.
VERSIONS ?= dev
LOCKED := packaging/constraints
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# Two tests at a time; a file's tests stay in one process, in their order.
PYTEST := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile --durations 15
NATIVE := $(wildcard shared/native/*)

# The letter's margins: 15 cohorts, 1,362 primaries, 32 relapses, 4 normals, 610 with follow-up (docs/letter.md).
LETTER_COHORTS := results/letter_cohorts
LETTER_SIZES := 310 160 140 120 100 90 80 70 60 55 50 45 35 27 20
LETTER_OPTIONS := --cohorts 15 $(LETTER_SIZES:%=--samples-per-cohort %) --genes 2000 --marker XPO1 \
	--hazard-ratio 2.97 --hazard-ratio-of group --high-fraction 0.8385 --normals 4 --relapses 32 --outcomes 610 \
	--event-fraction 0.3 --endpoint mfs --cohort-hazard-sd 0.2 --signature-strength 0.7 \
	--signature-marker-correlation 0.3 --age-marker-correlation -0.18 --subtype-association 0.3 --seed 2513 --format geo

.PHONY: run letter papers test test-slow test-lowest test-newest chaos constraints test-galaxy test-galaxy-remote merge-ready galaxy-pictures
.PHONY: test-browser test-sanitized docs proof proof-engines proof-fuzz proof-published proof-courtroom mutate bench bench-quick full-scale build lint clean

run: $(VENV)/.run
	$(BIN)/prognomics run $(STUDY) --out $(OUT)

letter: $(VENV)/.run | $(LETTER_COHORTS)
	$(BIN)/prognomics run studies/letter_reenacted.yml --data $(LETTER_COHORTS) --out results/letter_reenacted

# Published analyses re-enacted on simulated cohorts (docs/papers.md).
papers: $(VENV)/.run
	mkdir -p results/papers
	for study in $(basename $(notdir $(wildcard studies/papers/*.yml))); do \
		test -d results/papers/$$study.cohorts || $(BIN)/prognomics simulate_cohorts $$(cat studies/papers/$$study.options) \
			--out-directory results/papers/$$study.cohorts || exit; \
		$(BIN)/prognomics run studies/papers/$$study.yml --data results/papers/$$study.cohorts --out results/papers/$$study || exit; \
	done

$(LETTER_COHORTS): | $(VENV)/.run
	mkdir -p $(@D)
	$(BIN)/prognomics simulate_cohorts $(LETTER_OPTIONS) --out-directory $@

test: $(VENV)/.dev lint
	$(BIN)/prognomics spec check
	$(PYTEST)

# Simulations and repetitions that take minutes each.
test-slow: $(VENV)/.dev
	$(PYTEST) -m slow --deselect tests/tools/test_chaos.py

# A study stopped and killed at random, 300 times (PROGNOMICS_CHAOS), and what is there afterwards.
chaos: $(VENV)/.dev
	$(BIN)/python -m pytest -m slow -s tests/tools/test_chaos.py

# Drafts of mappings on 10,000 mutated clinical tables, on one processor; a run that was stopped goes on where it was.
mutate: $(VENV)/.dev
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/mutation_trial.py --write docs/mutation_trial.md

# How we know: the large forms of what `make test` runs small; each writes its table in docs/how_we_know.md.
proof: proof-published proof-courtroom proof-engines proof-fuzz mutate chaos

# Printed results of books, papers and packages, redone; the data come from R's packages.
proof-published: $(VENV)/.dev
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/published.py --write docs/how_we_know.md

# Claims of N simulated studies of each scenario, and of shortcuts; a run that was stopped goes on where it was.
N ?= 1000
proof-courtroom: $(VENV)/.dev
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/courtroom.py --studies $(N) --write docs/how_we_know.md

# One study by Snakemake, cwltool and, if its programs are here, Slurm; GALAXY=FILE is server.json of a Galaxy that ran it.
proof-engines: $(VENV)/.dev
	OMP_NUM_THREADS=1 $(BIN)/python tests/same_study.py $(if $(GALAXY),--galaxy $(GALAXY)) --write docs/how_we_know.md

# Coverage-guided fuzzing of each parser; a run that was stopped goes on where it was. Needs atheris (the extra `fuzz`).
SECONDS ?= 3600
proof-fuzz: $(VENV)/.dev
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/fuzzing.py --seconds $(SECONDS) --write docs/how_we_know.md

# The lowest versions that setup.cfg declares, and the newest that it allows.
test-lowest:
	$(MAKE) test VENV=.venv-lowest VERSIONS=lowest

test-newest:
	rm -rf .venv-newest
	$(MAKE) test VENV=.venv-newest VERSIONS=newest

# Renew the exact versions, and the bounds of the conda recipe.
constraints:
	$(PYTHON) -m venv .venv-constraints
	.venv-constraints/bin/python -m pip install --quiet --disable-pip-version-check --upgrade uv
	.venv-constraints/bin/python packaging/renew_constraints.py

# Types are checked with the locked versions only: stubs of other versions differ.
lint: $(VENV)/.dev $(if $(filter dev,$(VERSIONS)),types)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .

types: $(VENV)/.dev
	$(BIN)/python packaging/check_types.py

# A real Galaxy, made from PyPI: lint, every wrapper's marked cases, hostile input, clean stop.
test-galaxy: $(VENV)/.dev
	tests/galaxy/run.sh $(VENV)

# The same for some tools and a workflow, whose jobs run where no file of Galaxy can be seen (an embedded Pulsar).
test-galaxy-remote: export PROGNOMICS_RUNNER = pulsar
test-galaxy-remote: $(VENV)/.dev
	tests/galaxy/run.sh $(VENV)

# The report in Chromium, with an audit of its accessibility; needs node and Chromium.
test-browser: $(VENV)/.dev
	npm install --silent --no-save --prefix build/browser playwright-core axe-core
	$(BIN)/python -m pytest tests/browser

# The compiled loops under gcc's sanitizers.
test-sanitized: $(VENV)/.dev
	tests/sanitized.sh $(BIN)/python

# The documentation as a site in build/site.
docs: $(VENV)/.run
	$(PIP) --requirement $(LOCKED)/docs.txt
	$(BIN)/python -m mkdocs build --strict

# What a reviewer of tools-iuc and of the IWC would ask, point by point, with the evidence.
merge-ready:
	$(PYTHON) tests/galaxy/merge_ready.py

# The same as test-galaxy, with pictures of forms, results and the finished workflow in build/pictures, to be looked at.
galaxy-pictures: export PROGNOMICS_PICTURES = $(CURDIR)/build/pictures
galaxy-pictures: test-galaxy

# Peers have an environment of their own; R and its packages come from Debian where this may install them.
bench: $(VENV)/.dev .venv-bench/.done
	$(BIN)/python -m benchmarks

# On smaller data, in about ten minutes; writes results/benchmarks_quick.md.
bench-quick: $(VENV)/.dev .venv-bench/.done
	$(BIN)/python -m benchmarks --quick

# The letter's whole analysis at its full scale: 15 cohorts, 1,400 tumors, 20,000 genes.
full-scale: $(VENV)/.run
	$(BIN)/python -c "from benchmarks.full_scale import make_cohorts; make_cohorts()"
	$(BIN)/prognomics run studies/full_scale.yml --data results/full_scale_cohorts --out results/full_scale

.venv-bench/.done: benchmarks/peers/requirements.txt benchmarks/peers/install_r.sh
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/peers/requirements.txt
	benchmarks/peers/install_r.sh
	touch $@

build: $(VENV)/.dev
	$(BIN)/prognomics spec build

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

# What is locked first, with its hashes; then the project itself, built with the locked setuptools.
INSTALL = $(PIP) --no-deps --no-build-isolation --editable .

$(VENV)/.run: setup.cfg setup.py pyproject.toml $(LOCKED)/run.txt $(NATIVE) | $(VENV)/bin/python
	$(PIP) --requirement $(LOCKED)/run.txt
	$(INSTALL)
	touch $@

ifeq ($(VERSIONS),newest)
$(VENV)/.dev: | $(VENV)/bin/python
	$(PIP) --upgrade --editable ".[study,demo,dev]"
	touch $@
else
$(VENV)/.dev: setup.cfg setup.py pyproject.toml $(LOCKED)/$(VERSIONS).txt $(NATIVE) | $(VENV)/bin/python
	$(PIP) --requirement $(LOCKED)/$(VERSIONS).txt
	$(INSTALL)
	touch $@ $(VENV)/.run
endif

clean:
	rm -rf .venv-lowest .venv-newest .venv-constraints
	rm -rf $(VENV) .venv-bench build results
