.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh
.SHELLFLAGS := -eu -c

# The newest Python that everything supports: PyAirbyte, which `demo` and `sync` need, stops at 3.12.
PYTHON ?= $(shell for python in python3.12 python3.11 python3 python3.13; do \
    $$python -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$python && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
UV := $(BIN)/uv

# uv reads certificates from where the rest of the machine does, and says nothing about a cache on another disk.
export UV_NATIVE_TLS := 1
export UV_LINK_MODE := copy
# A sync says nothing to anybody about having been run.
export DO_NOT_TRACK := 1

.PHONY: help demo sync test format lint types image image-test bench lock install clean

help: ## list what can be done
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

demo: $(INSTALLED) ## read simulated accounts into DuckDB, and draw pictures of them
	@$(BIN)/python -m demo

sync: $(INSTALLED) ## read with your own configuration: make sync CONFIG=secrets/config.json
	@test -n "$(CONFIG)" || { echo "Say which configuration to use: make sync CONFIG=secrets/config.json" >&2; exit 2; }
	@$(BIN)/python -m demo.sync --config "$(CONFIG)"

test: lint types ## format, lint, types, Airbyte's standard suite, unit and integration tests
	scripts/standard-suite $(BIN)
	$(BIN)/python -m pytest -n auto --maxprocesses 8 --dist loadfile --cov $(PYTEST)

format: $(INSTALLED) ## rewrite the code in the project's format
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

lint: $(INSTALLED) ## check format and style
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(INSTALLED) ## check types
	$(BIN)/mypy

image: ## build the container image
	@scripts/container build

image-test: $(INSTALLED) ## build the image and run it against the simulator
	$(BIN)/python -m pytest -m image_tests -rA integration_tests/test_image.py

bench: $(INSTALLED) ## measure speed and memory against a plain manifest and a bare loop
	@$(BIN)/python -m benchmarks

# The running lock is resolved inside the working one: the image gets the versions that the tests ran with.
LOCK := $(UV) pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-strip-extras \
    --no-header --no-emit-index-url --quiet $(UPGRADE)
lock: $(INSTALLED) ## write the lock files anew: make lock UPGRADE=--upgrade for newer versions
	$(LOCK) --group dev --output-file requirements-dev.lock
	$(LOCK) --constraint requirements-dev.lock --output-file requirements.lock

install: $(INSTALLED) ## prepare .venv; every other target does it when needed

# uv is several times faster than pip at the same lock file; pip knows more ways to a package index, so it is the second try.
$(INSTALLED): requirements-dev.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 with its venv module is needed (Debian: apt-get install python3-venv)" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	awk '/^[^ #]/ { wanted = /^uv==/ } wanted' requirements-dev.lock > $(VENV)/uv.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.lock
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock \
	    || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

clean: ## remove what these commands made
	rm -rf $(VENV) .tmp build dist demo-output .cache .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache \
	    integration_tests/generated source_x_organic.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
