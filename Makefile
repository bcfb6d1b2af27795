# Two commands are enough: `make run` opens the portal, `make test` proves it. Both do all the set-up.

VENV   := .venv
BIN    := $(VENV)/bin
# Debian's own Python first: it is built with its optimisations, and shows a page in three quarters of the time.
DEBIAN := $(shell /usr/bin/python3 -c 'import ensurepip, sys; print(sys.executable * (sys.version_info >= (3, 11)))' 2>/dev/null)
PYTHON ?= $(or $(DEBIAN),python3)
READY  := $(VENV)/.ready
# Three on two cores: one of them always waits for a page or a clock.
PYTEST := $(BIN)/pytest -n 3 --dist worksteal
# A test that hangs says where, and ends; nothing in the quick form takes half as long.
QUICK  := -m "not slow" -o faulthandler_timeout=120 -o faulthandler_exit_on_timeout=true

.DEFAULT_GOAL := help
.PHONY: help run test test-slow check lint lint-format lint-code lint-types lint-layers lint-migrations bench bench-growth bench-devices lock docs privileges clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

run: $(READY) ## Open the portal: PORT=8080, BAILIWICK_HOME=./var, DEMO=0 for one without demonstration data
	@$(BIN)/bailiwick up

test: $(READY) ## Run every test but the slow forms, in a real browser and on a real database
	@.ci/need chromium-headless-shell nginx-light openssl
	$(PYTEST) $(QUICK) $(TESTS)

test-slow: $(READY) ## Run the long forms of the tests too
	@.ci/need chromium-headless-shell nginx-light openssl
	$(PYTEST) $(TESTS)

check: lint ## Run what a change must pass: lint, then the tests that need no browser and no whole portal
	$(PYTEST) -q $(QUICK) -m "not slow and not whole" --ignore=tests/deploy

lint: lint-format lint-code lint-types lint-layers lint-migrations ## Format, lint, types, layers, migrations

lint-format: $(READY)
	$(BIN)/ruff format --check --quiet .

lint-code: $(READY)
	$(BIN)/ruff check .

lint-types: $(READY)
	$(BIN)/mypy

lint-layers: $(READY)
	$(BIN)/lint-imports

lint-migrations: $(READY)
	BAILIWICK_HOME=$$(mktemp -d) $(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run

bench: $(READY) ## Measure, beside the baselines, at full size
	$(BIN)/python -m bench

bench-growth: $(READY) ## Measure every sort of the list at 1,000 and at 1,000,000 customers
	$(BIN)/python -m bench --size growth

bench-devices: $(READY) ## Measure the list while 5,000 edges report over TLS (BENCH_DEVICES: another number)
	$(BIN)/python -m bench --size devices

lock: $(READY) ## Write requirements.lock anew from pyproject.toml
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --group dev pyproject.toml -o requirements.lock

docs: $(READY) ## Write the generated documents anew
	BAILIWICK_HOME=$$(mktemp -d) $(BIN)/python manage.py docs

privileges: $(READY) ## Write the privilege table anew from what the doors answer: the difference is for review
	BAILIWICK_WRITE_PRIVILEGES=1 $(BIN)/pytest -q tests/proofs/test_privileges.py -k write_it_anew

clean: ## Remove the environment, but no state
	rm -rf $(VENV) bailiwick/static/vendor

# The stamp is written last, so a set-up cut short is begun again; a second call finds it and does nothing.
$(READY): pyproject.toml requirements.lock package.json package-lock.json hatch_build.py .ci/setup
	@PYTHON="$(PYTHON)" .ci/setup $(VENV)
	@touch $@
