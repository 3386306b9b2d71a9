# `make serve` and `make test` need nothing done before them; `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READERS := tests/readers
SOURCES := pyproject.toml setup.cfg $(shell find graph service ontology queries -type f -not -path '*/__pycache__/*' 2>/dev/null)

.PHONY: help install serve test test-all conformance check lint clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*##/\t/'

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# An editable install links the files that exist now: a new or renamed one needs it again.
$(VENV)/.installed: $(BIN)/python $(SOURCES)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group dev
	@touch $@

install: $(VENV)/.installed  ## make .venv with all that serving needs

serve: install  ## serve the bundled graph; flags by ARGS="--port 8123"
	$(BIN)/comity serve $(ARGS)

# What reads the exports in the tests: without Node those tests skip, saying so.
$(READERS)/node_modules: $(READERS)/package-lock.json
	@if command -v npm >/dev/null; then cd $(READERS) && npm ci --silent --omit=peer --no-audit --no-fund && touch node_modules; \
	else echo "no npm: the tests of JavaScript readers will be skipped"; fi

test: $(VENV)/.installed-dev $(READERS)/node_modules  ## run the tests; flags by ARGS="-k store"
	$(BIN)/python -m pytest $(ARGS)

conformance: $(VENV)/.installed-dev  ## run the W3C suites, where COMITY_TEST_DATA has them
	COMITY_CONFORMANCE=all $(BIN)/python -m pytest tests/test_conformance.py $(ARGS)

test-all: $(VENV)/.installed-dev $(READERS)/node_modules  ## run the tests, the long ones and the W3C suites whole too
	COMITY_TEST_ALL=1 COMITY_CONFORMANCE=all $(BIN)/python -m pytest $(ARGS)

check: $(VENV)/.installed-dev lint  ## lint, type-check and check the graph itself
	$(BIN)/comity check

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy tests

clean:  ## remove what was built
	rm -rf $(VENV) build dist *.egg-info
