# Two commands set everything up on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
STORE ?= results
WORKERS ?= 2

# byte code is kept, whatever the environment says: the demo starts many processes
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test app lint types gate lock bench schemas reports validity

demo: .venv/ready
	$(BIN)/evalharness demo --store $(STORE)

app: .venv/ready
	$(BIN)/evalharness app --store $(STORE)

test: .venv/ready
	$(BIN)/python -m pytest -n $(WORKERS) $(PYTEST_OPTIONS)

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/ready
	$(BIN)/mypy

# the embedded world against its committed baseline, in a store that does not stay
gate: .venv/ready
	store=$$(mktemp -d) && trap 'rm -rf "$$store"' EXIT && \
	$(BIN)/evalharness gate tiny-gate --baseline baselines/tiny-gate.json --store "$$store" $(GATE_OPTIONS)

bench: .venv/ready
	$(BIN)/python -m tests.benchmarks

schemas: .venv/ready
	$(BIN)/python -m evalharness.catalog.schemas

validity: .venv/ready
	$(BIN)/python -m tests.validity $(SECTIONS)

reports: .venv/ready
	$(BIN)/python -m evalharness.report.metrics

lock: .venv/bin/uv
	$(BIN)/uv pip compile pyproject.toml --extra dev --extra compare --universal --generate-hashes \
		--python-version 3.11 --no-header --quiet -o requirements.lock

.venv/bin/uv:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

.venv/ready: .venv/bin/uv requirements.lock pyproject.toml
	$(BIN)/uv pip sync --quiet --require-hashes requirements.lock
	$(BIN)/uv pip install --quiet --no-deps --editable .
	touch $@
