# Everything that the README names, and nothing that it doesn't explain. `make` alone lists it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The header stays in the catalogues: without it Babel takes them for fuzzy and compiles nothing, without a word.
COLLECT := $(BIN)/pybabel --quiet extract --mapping=babel.cfg --keywords="_ ngettext:1,2" --no-location --sort-output --project=Etalase --output=$(VENV)/etalase.pot .
CATALOGUES := --domain=etalase --output-dir=templates/translations --input-file=$(VENV)/etalase.pot --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date
LOCK_COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --strip-extras --no-header --allow-unsafe

.DEFAULT_GOAL := help
.PHONY: help run build test check browser database prove bench bench-pages translations sheet-double screenshots lock clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.run ## set everything up, build content/ into site/ and start the shop on http://127.0.0.1:8000
	@$(BIN)/python build.py
	@exec $(BIN)/flask --app intake run-shop

build: $(VENV)/.run ## build content/ into site/
	@$(BIN)/python build.py

test: $(VENV)/.dev browser database check ## set everything up and prove that it works: the checks, then all tests (under 15 minutes)
	$(BIN)/pytest -n 3 --dist worksteal --ignore=tests/storms
	$(BIN)/pytest tests/storms

check: $(VENV)/.dev ## look at the code without running it: style, types, who imports whom, sentences all collected
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	@$(COLLECT)
	@$(BIN)/pybabel --quiet update $(CATALOGUES) --check 2>/dev/null || { echo "Sentences changed: run make translations, then translate what is new" >&2; exit 1; }

prove: $(VENV)/.dev browser database ## the long proofs, for before a release (about an hour)
	$(BIN)/pytest -m prove
	HYPOTHESIS_PROFILE=prove $(BIN)/pytest tests/preorder tests/storefront/test_any_content.py tests/storefront/test_markdown.py tests/intake/test_any_life.py

bench: $(VENV)/.dev database ## measure: orders a second beside the floors of the same run
	$(BIN)/python -m bench.orders

bench-pages: $(VENV)/.dev browser ## measure: what each page weighs on its way to a phone, by kind
	@$(BIN)/python -m bench.pages

translations: $(VENV)/.dev ## collect the sentences from code and templates, merge them into the catalogues and compile those
	$(COLLECT)
	@test -f templates/translations/id/LC_MESSAGES/etalase.po || $(BIN)/pybabel --quiet init --domain=etalase --input-file=$(VENV)/etalase.pot --output-dir=templates/translations --locale=id
	$(BIN)/pybabel --quiet update $(CATALOGUES)
	$(BIN)/pybabel --quiet compile --domain=etalase --directory=templates/translations

sheet-double: $(VENV)/.dev ## start a stand-in for Google Sheets with a grid in the browser, in which you play the seller
	@exec $(BIN)/python -m tests.sheets_double --folder .cache/sheet-double

screenshots: $(VENV)/.dev browser ## make the pictures of docs/screenshots and of docs/gallery.md anew
	$(BIN)/python -m tests.screenshots
	$(BIN)/python -m tests.pages.gallery

lock: $(VENV)/.dev ## pin the newest packages that the ranges of pyproject.toml allow
	$(BIN)/pip install --quiet pip-tools
	$(LOCK_COMPILE) --upgrade --output-file=requirements.lock pyproject.toml
	$(LOCK_COMPILE) --upgrade --extra=dev --constraint=requirements.lock --output-file=requirements-dev.lock pyproject.toml

clean: ## remove what was built and installed; content/ and data/ stay
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find site -mindepth 1 ! -name .gitkeep -delete

# The stamps stand in the environment itself: whoever removes that removes them too.
$(VENV)/.run: requirements.lock
	@command -v $(PYTHON) >/dev/null || { echo "Etalase needs Python 3.11 or newer, and there is no $(PYTHON) here. Install it, or try: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Etalase needs Python 3.11 or newer; this is $$($(PYTHON) --version). Try: make PYTHON=python3.12 ..." >&2; exit 1; }
# Where ensurepip is missing, venv leaves an environment without pip behind: such a one is made again.
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv $(VENV) || { echo "Python's venv is missing; on Debian or Ubuntu: sudo apt install python3-venv" >&2; exit 1; }
	@echo "Installing what the shop needs (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	@echo "Installing what the tests need (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

browser: $(VENV)/.dev ## find the browser of the tests, or install one
	@$(BIN)/python -m tests.browser

database: $(VENV)/.dev ## find the PostgreSQL server of the tests, or install one
	@$(BIN)/python -m tests.databases
