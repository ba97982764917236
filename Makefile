# make demo    show syncd at work against emulators   (ARGS="--for 20s")
# make test    everything that is checked, on SQLite and PostgreSQL
# make check   the checks without the tests
# make bench   what it costs: counted calls, seconds, memory
# make simulate   weeks of virtual time in a bad world   (SEEDS=200 DAYS=30 PRODUCTS=2000 FAULTS=standard)
# make mutations  known bugs put back one at a time: every one must be caught
# make docs    write what is generated from the configuration's keys
# Needs Python 3.11 or newer and make. Another Python: make test PYTHON=python3.13

PYTHON ?= python3
ARGS ?=
SEEDS ?= 20
DAYS ?= 7
PRODUCTS ?=
FAULTS ?=
BIN := .venv/bin
STAMP := .venv/.installed
TOOLS := build/tools/bin
COMPILE := $(TOOLS)/uv pip compile --quiet --universal --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links --python-version 3.11

.PHONY: demo test check docs bench simulate mutations requirements clean

demo: $(STAMP)
	$(BIN)/syncd demo $(ARGS)

test: check
	$(BIN)/python -m pytest -n 2

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict syncd tests
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/python -m syncd.config.describe --check

bench: $(STAMP)
	$(BIN)/python -m bench $(ARGS)

simulate: $(STAMP)
	$(BIN)/python -m tests.simulation --seeds $(SEEDS) --days $(DAYS) \
		$(if $(PRODUCTS),--products $(PRODUCTS)) $(if $(FAULTS),--faults $(FAULTS)) $(ARGS)

mutations: $(STAMP)
	$(BIN)/python -m tests.mutations $(ARGS)

docs: $(STAMP)
	$(BIN)/python -m syncd.config.describe --write

$(STAMP): requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo 'syncd needs Python 3.11 or newer, and $(PYTHON) is older or not there.' >&2; \
		echo 'Name another one: make $(or $(MAKECMDGOALS),test) PYTHON=python3.13' >&2; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# requirements-build.txt is what the image needs to build the wheel.
requirements: $(TOOLS)/uv
	$(COMPILE) pyproject.toml -o requirements.txt
	$(COMPILE) pyproject.toml --group dev -c requirements.txt -o requirements-dev.txt
	printf 'hatchling\neditables\n' | $(COMPILE) - -c requirements-dev.txt -o requirements-build.txt

$(TOOLS)/uv:
	$(PYTHON) -m venv build/tools
	$(TOOLS)/pip install --quiet --disable-pip-version-check uv

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist build
