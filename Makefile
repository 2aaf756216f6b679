# callpulse: `make` lists what there is. Everything runs from .venv, which is made when it is first needed.

PYTHON ?= python3
FEED ?= simulator
MINUTES ?= 30
SEED ?= 1
WORKERS ?= 2
BIN := .venv/bin
INSTALLED := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help demo test test-kafka chaos screens lint format try-image bench clean
MAKEFLAGS += --no-print-directory

help:  ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

demo: $(INSTALLED)  ## Try it: broker, Redis, worker and board on this machine (FEED=simulator or recording)
	@$(BIN)/callpulse demo --feed $(FEED)

test: lint  ## Check the code, then run all tests that need neither Docker nor Java, with coverage
	@$(BIN)/pytest --ignore=tests/kafka -n 2 --cov --cov-report=term:skip-covered --cov-report=xml --cov-fail-under=90

test-kafka: $(INSTALLED)  ## Run the tests that need Apache Kafka (Java 17 and Maven, no Docker)
	@$(BIN)/python -m tests.kafka.broker
	@$(BIN)/pytest tests/kafka -n 2 --durations=15

chaos: $(INSTALLED)  ## Kill, freeze and move workers by a seed, compare every cell (MINUTES, SEED, WORKERS)
	@$(BIN)/python -m tests.kafka.broker
	@$(BIN)/python -m tests.chaos --minutes $(MINUTES) --seed $(SEED) --workers $(WORKERS)

screens: $(INSTALLED)  ## Draw the wallboard in every state, and the picture of the README (needs Chromium)
	@$(BIN)/python -m tests.wall.screens

lint: $(INSTALLED)  ## Check style, format, types, who may import whom, and what is generated
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/callpulse generate --check

format: $(INSTALLED)  ## Put the code in the house format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

try-image: $(INSTALLED)  ## Build the image without a container engine, run a worker in it (root, buildah, debootstrap)
	@$(BIN)/python -m tests.deploy.real_image

bench: $(INSTALLED)  ## Measure everything on this machine, peers too (about 40 minutes), into docs/PERFORMANCE.md
	@$(BIN)/python -m tests.kafka.broker
	@$(BIN)/python -m bench

clean:  ## Remove all that make and the tests have made, .venv too
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage .coverage.*
	@rm -rf coverage.xml build dist *.egg-info tests/kafka/libs bench/peers/*/.venv bench/peers/*/target
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  found=$$($(PYTHON) --version 2>&1) || found="not found"; \
	  echo "callpulse needs Python 3.11 or later; $(PYTHON) is: $$found"; \
	  echo "Name another one: make PYTHON=python3.12"; exit 1; } >&2
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make virtual environments. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; } >&2
	@echo "Installing callpulse and what it needs in .venv (once, about a minute)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[demo,dev]'
	@touch $@
