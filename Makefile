# Everything a person does with this checkout. Needs Python 3.11-3.13 with venv, and GNU make.
# The virtual environment lives in .venv, the vision models in models/, what the bot keeps in data/.

.DEFAULT_GOAL := help

PYTHON ?= # The interpreter to build .venv with; found when not given.
UV ?= uv
PYTEST_ARGS ?=
SECONDS ?= 30
PHOTOS ?= ../shared/photos

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
SUITABLE := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-header --no-annotate --no-emit-index-url

.PHONY: help run test lint fmt bench calibrate evaluate fuzz lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: models/.fetched ## Set up what is missing, then start the bot (with no settings: a web chat)
	@exec $(BIN)/workshot run

test: .venv/.test-ready models/.fetched ## Set up what is missing, then run the tests (PYTEST_ARGS=... to choose)
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: .venv/.test-ready ## Check style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

fmt: .venv/.test-ready ## Put the code into the house style
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

evaluate: .venv/.test-ready models/.fetched ## Measure what the look at photos finds (PHOTOS=folder of more portraits)
	@$(BIN)/python -m tests.evaluation $(PHOTOS)

bench: .venv/.test-ready models/.fetched ## Measure how fast headshots are made here
	@$(BIN)/python -m bench

calibrate: .venv/.test-ready models/.fetched ## Show what the guard of headshots measures (PHOTOS=folder of portraits)
	@$(BIN)/python -m bench calibrate likeness $(PHOTOS)

fuzz: .venv/.fuzz-ready models/.fetched ## Throw broken photos at whatever reads them (SECONDS=30 for each)
	@$(BIN)/python -m tests.fuzzing $(SECONDS)

lock: ## Renew all lock files from pyproject.toml (needs uv)
	@command -v $(UV) >/dev/null || { echo 'make lock needs uv; or name it: make lock UV=/path/to/uv' >&2; exit 1; }
	@echo 'setuptools>=77' | $(COMPILE) --output-file requirements.lock pyproject.toml -
	@echo 'setuptools>=77' | $(COMPILE) --extra dev --constraint requirements.lock \
		--output-file requirements-dev.lock pyproject.toml -
	@echo 'atheris>=3,<3.1' | $(COMPILE) --output-file tests/fuzzing/requirements.lock -

clean: ## Remove .venv and caches; never ./data, never ./models
	@rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -type d -not -path './data/*' -prune -exec rm -rf {} +

# An environment that is there and runs is kept; one of the wrong version is made again.
.venv/.made:
	@$(BIN)/python -c '$(SUITABLE)' 2>/dev/null || { \
		for python in $(or $(PYTHON),python3.13 python3.12 python3.11 python3); do \
			"$$python" -c '$(SUITABLE)' 2>/dev/null && break; python=; \
		done; \
		[ -n "$$python" ] || { echo 'WorkShot needs Python 3.11, 3.12 or 3.13 with its venv module' \
			'(Debian: apt-get install python3-venv), or name one: make PYTHON=/path/to/python' >&2; exit 1; }; \
		echo "Making .venv with $$python"; "$$python" -m venv --clear .venv; }
	@$(PIP) --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip
	@touch $@

# Every file that pip fetches is held to its hash; setuptools comes from the lock as well, so that
# building our own package fetches nothing.
.venv/.ready: .venv/.made requirements.lock pyproject.toml
	@echo 'Installing the packages of requirements.lock'
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

.venv/.test-ready: .venv/.ready requirements-dev.lock
	@echo 'Installing the packages of requirements-dev.lock'
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

.venv/.fuzz-ready: .venv/.test-ready tests/fuzzing/requirements.lock
	@echo 'Installing the packages of tests/fuzzing/requirements.lock'
	@$(PIP) install --require-hashes -r tests/fuzzing/requirements.lock
	@touch $@

models/.fetched: $(wildcard providers/local/models.py) | .venv/.ready
	@$(BIN)/workshot setup
	@mkdir -p models && touch $@
