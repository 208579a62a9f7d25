# Two commands are all the set-up there is: make run, make test.

PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/run.stamp
DEV_STAMP := $(VENV)/dev.stamp
PIP_INSTALL := $(BIN)/python -m pip install -q --disable-pip-version-check --only-binary :all: --require-hashes

.PHONY: help run demo setup test proofs lint format lock pictures clean

help:  ## list what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: $(RUN_STAMP)  ## serve this shop on PORT (8000) and watch this machine
	@PORT=$(PORT) $(BIN)/rounds run

demo: $(RUN_STAMP)  ## serve the sample shop, from a database of its own
	@PORT=$(PORT) $(BIN)/rounds demo

setup: $(RUN_STAMP)  ## make the environment in .venv, and nothing else

test: lint  ## run everything, on SQLite and on a PostgreSQL of its own
	$(BIN)/python tests/needed.py
	$(BIN)/python tests/all.py

proofs: $(DEV_STAMP)  ## judge the books of 200 random shops by hledger, ledger and beancount; break millions of inputs
	$(BIN)/python tests/needed.py
	ROUNDS_RANDOM_SHOPS=200 $(BIN)/python -m pytest -q -k "accept or agree_with" tests/ledger
	ROUNDS_LONG=1 $(BIN)/python -m pytest -q tests/agents/test_fuzz.py tests/mail/test_fuzz.py tests/agents/test_outages.py tests/faults/test_check_ins.py tests/faults/test_migrated.py
	ROUNDS_FUZZ_INPUTS=1000000 $(BIN)/python -m pytest -q tests/agent/test_snmp_fuzz.py

lint: $(DEV_STAMP)  ## run all checks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q -p no:cacheprovider tests/house

format: $(DEV_STAMP)  ## put the source into its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

pictures: $(DEV_STAMP)  ## take pictures of the main pages of the sample shop
	$(BIN)/python tests/browser/pictures.py

lock:  ## resolve requirements/*.in anew (needs uv)
	for name in run dev; do uv pip compile requirements/$$name.in --universal --python-version 3.12 \
		--generate-hashes --no-header --quiet --output-file requirements/$$name.txt || exit 1; done

clean:  ## remove the environment; the databases in var/ stay
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache

$(VENV)/bin/python:
	@python=$$(sh tools/find-python) && "$$python" -m venv $(VENV)

$(RUN_STAMP): requirements/run.txt pyproject.toml agent/pyproject.toml | $(VENV)/bin/python
	@echo "Making the environment in $(VENV) (about half a minute, once) ..."
	@$(PIP_INSTALL) -r requirements/run.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e . -e agent
	@touch $@

$(DEV_STAMP): requirements/dev.txt $(RUN_STAMP)
	@echo "Adding what the tests need ..."
	@$(PIP_INSTALL) -r requirements/dev.txt
	@touch $@
