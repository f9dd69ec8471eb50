# `make install` makes .venv, `make run` runs a stress profile, `make test` and `make check` need no cluster; `make help` lists all.
SHELL := /bin/bash
PYTHON ?= python3
# plain assignments: set on make's command line only, so that no cluster is touched because a variable was lying around
PROFILE = stress
CONTEXT =
KUBECONFIG_FILE =
ARGS =

bin := .venv/bin
stamp := .venv/installed
cluster := tests/real/cluster/cluster

target := $(if $(CONTEXT),--context "$(CONTEXT)")$(if $(KUBECONFIG_FILE), --kubeconfig "$(KUBECONFIG_FILE)")

.PHONY: help install run test guarantees detection hours mutation determinism e2e check format lock cluster cluster-down test-real differential detection-real releases-real clean

help:
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

install: $(stamp) ## make .venv with chaos-sts and all it needs, from requirements.lock

$(stamp): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "make: $(PYTHON) is missing or older than 3.11; name another one: make install PYTHON=python3.12" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "make: $(PYTHON) cannot make a virtual environment; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 2; }
	@test -x $(bin)/python || $(PYTHON) -m venv .venv
	@$(bin)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(bin)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

run: $(stamp) ## run PROFILE (default stress) on the embedded cluster, or on CONTEXT=name or KUBECONFIG_FILE=path; more arguments in ARGS
	@$(bin)/chaos-sts run $(PROFILE) $(target) $(ARGS)

test: $(stamp) ## the tests that need no cluster
	@$(bin)/python -m pytest $(ARGS)

guarantees: $(stamp) ## write docs/guarantees.md, the page of what is judged
	@$(bin)/python -m tools.write_guarantees

detection: $(stamp) ## hunt every planted defect on the embedded cluster three times, and write the table of what found it (half an hour; resumable)
	@$(bin)/python -m tests.embedded.mutants.detection $(ARGS)

hours: $(stamp) ## simulate 200 hours of right controllers under perturbation, and write the table of what looked wrong (resumable)
	@$(bin)/python -m tests.embedded.hours $(ARGS)

mutation: $(stamp) ## hunt every mutant of the checkers with their tests, and write the table of survivors (resumable)
	@nice $(bin)/python -m tests.mutation $(ARGS)

determinism: $(stamp) ## one seed in many processes, on every Python installed: the same history
	@$(bin)/python -m tests.embedded.determinism $(ARGS)

e2e: $(stamp) ## Kubernetes' own tests of StatefulSets on the embedded cluster in real time (Go; 7 minutes to compile once, 6 to run)
	@$(bin)/python -m tests.embedded.upstream.e2e $(ARGS)

check: $(stamp) ## format, lint, types, import arrows
	@$(bin)/ruff format --check
	@$(bin)/ruff check
	@$(bin)/mypy
	@$(bin)/lint-imports

format: $(stamp) ## put the code into its shape
	@$(bin)/ruff format
	@$(bin)/ruff check --fix

lock: ## write requirements.lock anew (needs uv)
	@echo hatchling | uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	  --custom-compile-command 'make lock' \
	  --group dev pyproject.toml - --output-file requirements.lock $(ARGS)

cluster: ## start a real one-node Kubernetes here (root, Go, Debian; 9 minutes the first time), print its kubeconfig's path
	@$(cluster) status || $(cluster) alone $(cluster) up

cluster-down: ## stop it, once nobody uses it
	@$(cluster) alone $(cluster) down

# alone: these tests are timed and swap controllers
test-real: $(stamp) cluster ## the tests that need that cluster, once nobody else uses it
	@$(cluster) alone $(bin)/python -m pytest -m real --timeout 300 $(ARGS)

differential: $(stamp) cluster ## 300 drawn schedules there and on the embedded cluster, and the table of what differs (25 minutes; resumable)
	@$(cluster) shared $(bin)/python -m tests.differential.judging $(ARGS)

detection-real: $(stamp) cluster ## hunt every defect planted in the real StatefulSet controller, and write the table (resumable)
	@$(bin)/python -m tests.real.detection $(ARGS)

releases-real: $(stamp) cluster ## run every released StatefulSet controller from 1.26 on, and write the table of detections and alarms (resumable)
	@$(bin)/python -m tests.real.releases $(ARGS)

clean: ## remove .venv and caches
	@rm -rf .venv .venvs .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage dist
