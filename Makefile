# `make demo` and `make test` each set up everything they need in .venv.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint notebooks build bench measure clean

demo: .venv/installed
	$(BIN)/fmd demo

test: .venv/installed lint notebooks
	$(BIN)/python -m pytest

.venv/installed: setup.py settings.ini
	$(PYTHON) -c 'import sys; sys.exit("fmd_nb needs Python 3.10 or newer" if sys.version_info < (3, 10) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[lab,dev]'
	touch $@

lint: .venv/installed
	$(BIN)/ruff check .

# Two notebooks at a time, one thread each: threads of two networks on the same cores only wait for each other.
notebooks: .venv/installed
	OMP_NUM_THREADS=1 $(BIN)/nbdev-test nbs --n-workers 2 --do-print

# Export the notebooks, run them so that their outputs are fresh, clean them, and render README.md.
build: .venv/installed
	$(BIN)/nbdev-export
	OMP_NUM_THREADS=1 $(BIN)/nbdev-test nbs --n-workers 2 --do-print --save
	$(BIN)/nbdev-clean
	$(BIN)/python scripts/readme.py

bench: .venv/installed
	$(BIN)/python scripts/bench.py

# make measure PHOTOS=folder in the NIPS 2017 layout
measure: .venv/installed
	$(BIN)/python scripts/measure.py $(PHOTOS)

clean:
	rm -rf .venv build dist *.egg-info demo
