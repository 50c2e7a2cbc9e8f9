# Two commands do everything on a fresh machine with Python ≥ 3.11 and make:
#   make run [PHOTOS=folder]   set up, then open the window on your photos (or on a sample album)
#   make test                  set up, then lint, types, import contracts and every test
# With no display, `make run` does the same job on the command line and writes an HTML contact sheet.

PYTHON ?= python3
PHOTOS ?=
VENV := .venv
BIN := $(VENV)/bin
BUILD := build
STAMP := $(VENV)/.installed
SAMPLE := $(BUILD)/sample-album
SHEET := $(BUILD)/contact-sheet.html
export UV_LINK_MODE ?= hardlink

.PHONY: run test check lint types contracts setup lock bench translations screenshots manual examples clean help

help: ## what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: setup ## open the window on PHOTOS=folder, or on the sample album
	@sh packaging/run.sh "$(BIN)/aesthetic-studio" "$(BUILD)" "$(PHOTOS)"

test: setup ## lint, types, import contracts, all tests
	@sh packaging/system_libraries.sh desktop
	@$(MAKE) --no-print-directory lint types contracts
	$(BIN)/pytest -n auto --dist loadgroup --max-worker-restart 0 -q

check: setup lint types contracts ## before a commit: the quick half of `make test` and the tests of the rooms that changed
	@sh packaging/changed_tests.sh "$(BIN)/pytest"

lint:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types:
	$(BIN)/mypy

contracts:
	$(BIN)/lint-imports --no-cache

bench: setup ## the benchmarks, as ratios within one run
	@sh packaging/system_libraries.sh bench
	$(BIN)/python tests/benchmarks/run.py

translations: setup ## gather the texts, bring every language in step, compile (NEW=fr begins one)
	$(BIN)/python packaging/translations.py $(NEW)

screenshots: setup ## drive the real window under Xvfb and write docs/images
	@sh packaging/system_libraries.sh screenshots
	$(BIN)/python packaging/screenshots.py

manual: setup ## go the pass of docs/manual.md in the real window, and take its pictures
	@sh packaging/system_libraries.sh screenshots
	$(BIN)/python packaging/manual_pictures.py

examples: setup ## run every command that the documents show a researcher, on ../shared/data
	$(BIN)/python packaging/run_examples.py

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml packaging/bootstrap.lock
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed; this is " + sys.version.split()[0] + ". Name one: make run PYTHON=python3.12") if sys.version_info < (3, 11) else 0'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Setting up $(VENV): about a minute the first time, seconds afterwards."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r packaging/bootstrap.lock
	@$(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q aesthetic_studio trainer
	@touch $@

lock: ## write requirements.lock anew from pyproject.toml
	$(BIN)/uv pip compile --universal --generate-hashes --python-version 3.11 --extra dev --no-emit-package aesthetic-studio --no-header --no-annotate --quiet pyproject.toml --output-file requirements.lock

clean: ## remove what was built (not your library, not your photos)
	rm -rf $(VENV) $(BUILD) .mypy_cache .ruff_cache .pytest_cache .hypothesis
