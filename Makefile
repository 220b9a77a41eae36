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
.PHONY: help setup setup-python up demo test test-quick test-nightly lint audit checkov bench-cost bench-cost-day bench-load bench-load-cycles bench-coldstart cost package bench-recompute bench-dispatch bench-accuracy lock vendor docs screenshots page-weight bench-read clean

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

lint: setup-python ## style, types, direction of imports, what looks dangerous
	@$(IN_VENV) ruff check .
	@$(IN_VENV) ruff format --check .
	@$(IN_VENV) mypy
	@venv/bin/lint-imports
	@venv/bin/bandit -q -c pyproject.toml -r functions shared cli client/quorate_client devtools benchmarks examples main.py

test-nightly: setup ## generated requests and reports, ten times as many (3 minutes)
	@QUORATE_FUZZ_EXAMPLES=400 $(IN_VENV) devtools test tests/security $(ARGS)

audit: setup-python ## known vulnerabilities of what is locked; fails where the services do not answer
	@venv/bin/pip-audit --strict --disable-pip --require-hashes $(patsubst %,-r %,$(wildcard requirements*.txt))

checkov: setup-python ## what is wrong with infra/terraform, by checkov, in an environment of its own
	@test -x .quorate/checkov/bin/checkov || $(IN_VENV) venv .quorate/checkov
	@.quorate/checkov/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-checkov.txt
	@.quorate/checkov/bin/checkov --directory infra/terraform --config-file infra/terraform/.checkov.yaml

bench-cost: setup ## Firestore operations of a report cycle, counted
	@$(IN_VENV) benchmarks.cost $(ARGS)

bench-cost-day: setup ## every Firestore operation of a day, counted on the wire
	@$(IN_VENV) benchmarks.cost_day $(ARGS)

cost: setup-python ## the monthly bill (VALIDATORS=64 MINERS=256 INTERVAL=60 SPREAD=2)
	@$(IN_VENV) benchmarks.cost_model --validators $(or $(VALIDATORS),64) --miners $(or $(MINERS),256) \
	  --interval $(or $(INTERVAL),60) --spread $(or $(SPREAD),2)

package: setup-python ## dist/functions.zip, the very source that is deployed
	@$(IN_VENV) devtools.package

bench-recompute: setup-python ## time and memory of one recompute beside a sort
	@$(IN_VENV) benchmarks.recompute $(ARGS)

bench-dispatch: setup ## shares, failures, rivals and senders of the task distributor
	@$(IN_VENV) benchmarks.dispatch $(ARGS)

bench-read: setup ## document reads and latency of readers, with and without caches
	@$(IN_VENV) benchmarks.read $(ARGS)

bench-load: setup ## requests per second and latency of every endpoint beside a bare handler
	@$(IN_VENV) benchmarks.load $(ARGS)

bench-load-cycles: setup ## 64 validators × 256 miners through the whole system, ten times
	@$(IN_VENV) benchmarks.load_cycles $(ARGS)

bench-coldstart: setup-python ## from a process's start to its first answer, function by function
	@$(IN_VENV) benchmarks.coldstart $(ARGS)

bench-accuracy: setup-python ## accuracy beside the baselines (ARGS="--full")
	@$(IN_VENV) benchmarks.accuracy $(ARGS)

lock: setup-python ## make the lock files fit requirements*.in and package.json (ARGS=--upgrade)
	@$(IN_VENV) devtools lock $(ARGS)

docs: setup-python ## the page about the HTTP interface, dashboard/api.html, from the OpenAPI document
	@$(IN_VENV) devtools.api_page

vendor: setup ## the dashboard's chart library, copied from npm to dashboard/vendor/
	@$(IN_VENV) devtools.vendor

screenshots: setup-python ## pictures of the dashboard, to docs/images/
	@$(IN_VENV) devtools.screenshots

page-weight: setup-python ## bytes, first paint and requests of each page of the dashboard (ARGS="--url …")
	@$(IN_VENV) devtools.page_weight $(ARGS)

clean: ## remove everything that the commands above made
	rm -rf venv devtools/node_modules dist .quorate .mypy_cache .ruff_cache .hypothesis .import_linter_cache

.PHONY: python-found
python-found:
	$(if $(PYTHON),,$(error no Python 3.11 or newer found: install one, or name it with PYTHON=))
