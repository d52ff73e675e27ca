# The two main targets are `make serve` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000
CONTENT ?= content

# The tests start hundreds of processes, and each would compile all modules anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: serve dist test test-times test-browser screenshots coverage fuzz fuzz-import mutation lint goldens catalogues catalogue fonts lock clean soak soak-hub bombs bench memory \
	bench-hub bench-quick chaos cluster test-postgresql test-cluster

serve: $(VENV)/.serve
	@exec $(BIN)/feedsvc serve --host "$(HOST)" --port "$(PORT)" --content "$(CONTENT)"

# The sdist and the wheel, in dist/: docs/how-to/install.md.
dist: $(VENV)/.serve
	$(BIN)/python -m hatchling build

# One process for each core. `.venv/bin/pytest tests/web` runs one folder in one process.
test: lint
	$(BIN)/pytest --numprocesses auto --dist worksteal

# The same tests; prints which files and fixtures use the most CPU time. ONLY="tests/web tests/sync" for some.
test-times: $(VENV)/.test
	$(BIN)/python -m pytest -p tests.times --numprocesses auto --dist worksteal $(ONLY)

# In Debian's Chromium. Without it, or without the packages of `make node_modules`, tests are skipped.
test-browser: $(VENV)/.test
	$(BIN)/pytest -m "browser and not slow" -rs tests/browser

# The tests of the store with a PostgreSQL of this machine, which is Debian's by default, and not with that of the tests. HISTORY is the number of
# random edits after which both databases must answer the same.
POSTGRESQL ?= $(lastword $(sort $(wildcard /usr/lib/postgresql/*/bin)))
ON_POSTGRESQL := tests/store/test_contract.py tests/store/test_long_articles.py tests/store/test_postgresql.py tests/store/test_transfer.py \
	tests/store/test_standby.py tests/store/test_outages.py tests/store/test_copy_check.py tests/store/test_responsiveness.py tests/store/test_migrations.py \
	tests/sync/test_takeover.py tests/web/test_both_databases.py tests/web/test_hanging_database.py tests/cli/test_commands_in_postgresql.py
HISTORY ?= 500
test-postgresql: $(VENV)/.test
	@test -x "$(POSTGRESQL)/initdb" || { echo "no PostgreSQL server is installed (apt-get install postgresql)" >&2; exit 2; }
	FEEDSVC_TEST_POSTGRESQL="$(POSTGRESQL)" FEEDSVC_EDITS=$(HISTORY) $(BIN)/pytest $(ON_POSTGRESQL)

# The short form of `make cluster`: it asserts what pollers found, and no time. Without nginx it is skipped.
test-cluster: $(VENV)/.test
	$(BIN)/pytest -m slow -rs tests/cluster

# axe-core and html-validate, in the versions and with the hashes of package-lock.json.
node_modules: package-lock.json
	npm ci --no-audit --no-fund --ignore-scripts
	@touch $@

# Every kind of page, in two languages, two sizes, light and dark colours. ONLY="home feed" selects some pages.
SCREENSHOTS ?= screenshots
screenshots: $(VENV)/.test
	$(BIN)/python -m tests.browser.screenshots $(SCREENSHOTS) $(ONLY)

# Every line and branch of the two pure packages must be tested; tests of syncs and pages cover some of their rules.
COVERING := tests/articles tests/feeds tests/broken tests/syntax tests/cli/test_check.py tests/cli/test_ids.py tests/sync/test_identity.py \
	tests/sync/test_leftovers.py tests/sync/test_visibility.py tests/sync/test_markers.py tests/sync/test_second_blocks.py \
	tests/web/test_old_addresses.py tests/web/test_renamed_topic.py tests/web/test_preview.py tests/cli/test_new.py tests/cli/test_rename.py
coverage: $(VENV)/.test
	$(BIN)/pytest $(COVERING) --numprocesses auto --dist worksteal --cov=feedsvc/articles --cov=feedsvc/feeds --cov-branch \
		--cov-report=term-missing:skip-covered --cov-fail-under=100

# 100,000 inputs: 20 rounds of 5,000 with a seed each, two at a time.
fuzz: $(VENV)/.test
	seed=$$(date +%s); seq $$seed $$((seed + 19)) | FUZZ_INPUTS=5000 xargs -P 2 -I SEED \
		$(BIN)/pytest -p no:cacheprovider --timeout=0 --hypothesis-seed=SEED tests/fuzz

# Random documents and exports of every kind that import reads; it ends with 1 for a crash, a hang, or a draft that became public. Seeds from
# SEED on; tests/fuzz/test_imports.py is the short form.
COUNT ?= 100000
SEED ?= 0
fuzz-import: $(VENV)/.test
	$(BIN)/python -m tests.fuzz.imports $(COUNT) $(SEED)

# Changes to the code that no test notices, in mutants/.
mutation: $(VENV)/mutation
	rm -rf mutants
	CI=true $(VENV)/mutation/bin/mutmut run
	$(VENV)/mutation/bin/mutmut results

$(VENV)/mutation: requirements-dev.lock | $(VENV)/.test
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $@
	$(BIN)/uv pip install --quiet --python $@/bin/python -r requirements-dev.lock mutmut==3.8.1
	@touch $@

# 200 syncs killed at random points; CI runs 20.
SOAK ?= 200
soak: $(VENV)/.test
	FEEDSVC_SOAK=$(SOAK) $(BIN)/pytest -m slow tests/sync

# 10,000 subscribers on this machine, and a delivery worker that is killed 100 times: tests/hub/test_soak.py is the short form.
SUBSCRIBERS ?= 10000
KILLS ?= 100
soak-hub: $(VENV)/.test
	$(BIN)/python -m tests.hub.soak $(SUBSCRIBERS) $(KILLS)

# The duration of a sync without and with articles that are made to be slow.
bombs: $(VENV)/.test
	$(BIN)/python -m tests.robust.measure_bombs

# 200 pollers and a server with each fault of docs/explanation/failures.md in turn. It takes some minutes, as root on Linux.
# FAULTS='"full disk" "store moved"' selects some faults. tests/robust/test_chaos.py is the short form.
POLLERS ?= 200
chaos: $(VENV)/.test
	$(BIN)/python -m tests.robust.chaos $(POLLERS) $(FAULTS)

# Three web nodes, two writers, PostgreSQL with a standby and nginx, with edits, pollers and faults. It takes some minutes.
# tests/cluster/test_cluster.py is the short form.
cluster: $(VENV)/.test
	$(BIN)/python -m tests.cluster.run $(POLLERS)

# Compares with nginx, Django, Pelican, Hugo and Flask-WebSub in the same run; takes two cores and half an hour. PARTS="polls cold" selects
# some parts.
# wrk, hey and nginx come from Debian: apt-get install wrk hey nginx-light
bench: $(VENV)/bench/.made
	$(BIN)/python -m bench $(PARTS)

# The memory of the writer: for each article of a first sync, and for each edit. It takes some minutes; EDITS=20000 are the
# edits of more than an hour. tests/robust/test_memory.py is the short form.
ARTICLES ?= 20000
EDITS ?= 2000
memory: $(VENV)/.test
	$(BIN)/python -m bench.memory $(ARTICLES) $(EDITS)

# Of these, deliveries of the WebSub hub beside Flask-WebSub's.
bench-hub: $(VENV)/bench/.made
	$(BIN)/python -m bench hub

# A small run of `make bench` that checks the responses; its times have no meaning.
bench-quick: $(VENV)/bench/.made
	$(BIN)/python -m bench quick $(PARTS)

$(VENV)/bench/.made: bench/requirements.lock | $(VENV)/.test
	$(PYTHON) -m venv $(VENV)/bench
	$(VENV)/bench/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	@touch $@

lint: $(VENV)/.test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "feedsvc needs Python 3.11 or later (make PYTHON=python3.12 …)")'
	@echo "step 1 of 3: make a virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.serve: requirements.lock pyproject.toml feedsvc/__init__.py | $(BIN)/python
	$(call INSTALL,requirements.lock)
	@touch $@

$(VENV)/.test: requirements-dev.lock pyproject.toml feedsvc/__init__.py | $(BIN)/python
	$(call INSTALL,requirements-dev.lock)
	@touch $@ $(VENV)/.serve

# The fonts of pages, from the packages of @fontsource-variable that npm unpacked into FONTSOURCE: fewer weights, the usual features, and not
# the reserved name (fonts/OFL.txt).
FONTS := serif-4-latin-wght-normal serif-4-latin-wght-italic serif-4-latin-ext-wght-normal sans-3-latin-wght-normal sans-3-latin-ext-wght-normal \
	code-pro-latin-wght-normal
fonts: | $(VENV)/fonts
	@test -d "$(FONTSOURCE)" || { echo "name a folder with source-serif-4, source-sans-3 and source-code-pro (make fonts FONTSOURCE=node_modules/@fontsource-variable)" >&2; exit 2; }
	for each in $(FONTS); do \
		$(VENV)/fonts/bin/fonttools varLib.instancer --quiet $(FONTSOURCE)/*/files/source-$$each.woff2 wght=400:700 -o $(VENV)/fonts/$$each.ttf && \
		$(VENV)/fonts/bin/pyftsubset $(VENV)/fonts/$$each.ttf --unicodes='*' --flavor=woff2 --no-hinting --desubroutinize \
			--layout-features=kern,liga,mark,mkmk,locl,ccmp,tnum --name-IDs=0,13,14 --output-file=feedsvc/web/static/fonts/$$each.woff2 || exit 1; \
	done

$(VENV)/fonts: requirements-dev.lock | $(VENV)/.test
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $@
	$(BIN)/uv pip install --quiet --python $@/bin/python fonttools==4.60.1 brotli==1.1.0
	@touch $@

# A line for each step; what pip finds wrong is printed in full.
define INSTALL
	@echo "step 2 of 3: install $$(grep -o '^[a-z0-9-]*==' $(1) | sort -u | wc -l) packages, in the versions of $(1) (a minute or two, the first time)"
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $(1)
	@echo "step 3 of 3: install feedsvc in place"
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
endef

goldens: $(VENV)/.test
	$(BIN)/python -m tests.goldens
	$(BIN)/python -m tests.api_examples

# Compile the catalogues of the interface: docs/how-to/translate.md.
catalogues: $(VENV)/.serve
	$(BIN)/pybabel --quiet compile -d feedsvc/web/translations

# Write or update the catalogue of a language, in the order of the code.
catalogue: $(VENV)/.serve
	@test -n "$(LOCALE)" || { echo "name a language (make catalogue LOCALE=ja)" >&2; exit 2; }
	$(BIN)/pybabel --quiet extract --no-wrap --no-location --omit-header -F babel.ini -k message -o $(VENV)/messages.pot \
		feedsvc/web feedsvc/hub feedsvc/store
	$(BIN)/pybabel --quiet $(if $(wildcard $(CATALOGUE)),update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date,init) --no-wrap \
		-l "$(LOCALE)" -i $(VENV)/messages.pot -o $(CATALOGUE)

CATALOGUE = feedsvc/web/translations/$(LOCALE)/LC_MESSAGES/messages.po

lock: $(VENV)/.test
	$(BIN)/uv pip compile $(LOCK_OPTIONS) --extra import --extra postgresql --extra s3 --group build pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile $(LOCK_OPTIONS) --extra import --extra postgresql --extra s3 --group build --group dev pyproject.toml -o requirements-dev.lock
	$(BIN)/uv pip compile $(LOCK_OPTIONS) bench/requirements.in -o bench/requirements.lock

LOCK_OPTIONS := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-annotate --no-header

clean:
	rm -rf $(VENV) dist node_modules screenshots mutants .feedsvc .mypy_cache .pytest_cache .ruff_cache .hypothesis
