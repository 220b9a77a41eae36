# What a developer runs. Recipes are plain commands, without a shell in between, so that a command
# notices at once when make is gone.

PYTHON ?= $(shell for p in python3.11 python3 python3.12 python3.13 python3.14; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
IN_VENV = venv/bin/python -m

STORE ?= firestore
SECONDS ?=
ARGS ?=

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup setup-python up demo test test-quick lint bench-cost cost package bench-recompute bench-dispatch bench-accuracy lock vendor screenshots clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

setup: python-found ## venv/, devtools/node_modules/, Java and emulators; quick when all is there
	@$(PYTHON) -m devtools.setup

setup-python: python-found ## venv/ only, without Node, Java and emulators
	@$(PYTHON) -m devtools.setup --python-only

up: setup ## the system on the emulators, until Ctrl-C (HOSTING_PORT=5000 FUNCTIONS_PORT=5001 …)
	@$(IN_VENV) devtools up

demo: $(if $(filter memory,$(STORE)),setup-python,setup) ## a simulated subnet, live (SECONDS=60, STORE=memory)
	@$(IN_VENV) devtools demo --store $(STORE) $(if $(SECONDS),--seconds $(SECONDS))

test: setup ## every test, on the emulators (ARGS="-k sweep")
	@$(IN_VENV) devtools test $(ARGS)

test-quick: setup-python ## unit tests, without Node and Java
	@$(IN_VENV) pytest tests/unit $(ARGS)

lint: setup-python ## style, types, direction of imports
	@$(IN_VENV) ruff check .
	@$(IN_VENV) ruff format --check .
	@$(IN_VENV) mypy
	@venv/bin/lint-imports

bench-cost: setup ## Firestore operations of a report cycle, counted
	@$(IN_VENV) benchmarks.cost $(ARGS)

cost: setup-python ## the monthly bill (VALIDATORS=64 MINERS=256 INTERVAL=60 SPREAD=2)
	@$(IN_VENV) benchmarks.cost_model --validators $(or $(VALIDATORS),64) --miners $(or $(MINERS),256) \
	  --interval $(or $(INTERVAL),60) --spread $(or $(SPREAD),2)

package: setup-python ## dist/functions.zip, the very source that is deployed
	@$(IN_VENV) devtools.package

bench-recompute: setup-python ## time and memory of one recompute beside a sort
	@$(IN_VENV) benchmarks.recompute $(ARGS)

bench-accuracy: setup-python ## accuracy beside the baselines (ARGS="--full")
	@$(IN_VENV) benchmarks.accuracy $(ARGS)

lock: setup-python ## make the lock files fit requirements*.in and package.json (ARGS=--upgrade)
	@$(IN_VENV) devtools lock $(ARGS)

vendor: setup ## the dashboard's chart library, copied from npm to dashboard/vendor/
	@$(IN_VENV) devtools.vendor

screenshots: setup-python ## pictures of the dashboard, to docs/images/
	@$(IN_VENV) devtools.screenshots

clean: ## remove everything that the commands above made
	rm -rf venv devtools/node_modules .quorate .mypy_cache .ruff_cache .hypothesis .import_linter_cache

.PHONY: python-found
python-found:
	$(if $(PYTHON),,$(error no Python 3.11 or newer found: install one, or name it with PYTHON=))
