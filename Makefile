# `make serve` and `make test` are all there is to know; the rest serves them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000
CONTENT ?= content

.PHONY: serve test lint goldens catalogues lock clean

serve: $(VENV)/.serve
	@exec $(BIN)/feedsvc serve --host $(HOST) --port $(PORT) --content $(CONTENT)

test: lint
	$(BIN)/pytest

lint: $(VENV)/.test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "feedsvc needs Python 3.11 or later (make PYTHON=python3.12 …)")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.serve: requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.test: requirements-dev.lock pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.serve

goldens: $(VENV)/.test
	$(BIN)/python -m tests.goldens

catalogues: $(VENV)/.test
	$(BIN)/pybabel compile -d feedsvc/web/translations

lock: $(VENV)/.test
	$(BIN)/uv pip compile $(LOCK_OPTIONS) --group build pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile $(LOCK_OPTIONS) --group build --group dev pyproject.toml -o requirements-dev.lock

LOCK_OPTIONS := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-annotate --no-header

clean:
	rm -rf $(VENV) .feedsvc .mypy_cache .pytest_cache .ruff_cache .hypothesis
