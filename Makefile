# What a person does with the portal. Nothing here needs root.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$name; break; }; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help demo demo-reset run test check bench mutants clean

help:
	@echo 'make demo        portal, workers and both sandboxes with a small landlord; Ctrl-C stops all'
	@echo 'make demo-reset  forget what the demo holds; the next make demo starts over'
	@echo 'make run         portal and workers against the Billecta and Lime named in .env'
	@echo 'make test        every check and every test (REQUIRE_SERVICES=1: nothing may be skipped for want of a server)'
	@echo 'make check       ruff, mypy, import rules, system checks, missing migrations'
	@echo 'make bench       how much the portal takes in and works off (ONLY=receiver, work or bulk: that part alone)'
	@echo 'make mutants     breaks each rule of the ledger in a copy and shows that a test notices'
	@echo 'make clean       removes .venv and caches; keeps .env and var/'

demo: .venv/.runs
	@$(BIN)/python -m portal.dotenv --demo
	@exec $(BIN)/python manage.py demo

demo-reset: .venv/.runs
	@$(BIN)/python -m portal.dotenv --demo
	@$(BIN)/python manage.py demo --reset

run: .venv/.runs
	@$(BIN)/python -m portal.dotenv
	@SANDBOX=false exec $(BIN)/python manage.py run

test: .venv/.tests
	@$(BIN)/python -m tests.suite

check: .venv/.tests
	@$(BIN)/python -m tests.suite --only-checks

bench: .venv/.tests
	@$(BIN)/python -m tests.load $(ONLY)

mutants: .venv/.tests
	@$(BIN)/python -m tests.mutations

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis var/static
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@if [ -z "$(PYTHON)" ]; then echo 'The portal needs Python 3.11 or newer, and none is on the PATH. Install one (Debian: apt-get install python3 python3-venv), or name it: make PYTHON=/path/to/python3.12 demo' >&2; exit 1; fi
	@echo 'Making .venv with $(PYTHON) ...'
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo 'Python could not make a virtual environment. On Debian: apt-get install python3-venv' >&2; exit 1; }

.venv/.runs: requirements.txt | .venv/bin/python
	@echo 'Installing what the portal needs ...'
	@$(PIP) install -r requirements.txt
	@touch $@

.venv/.tests: requirements-dev.txt .venv/.runs
	@echo 'Installing what its tests need ...'
	@$(PIP) install -r requirements-dev.txt
	@touch $@
