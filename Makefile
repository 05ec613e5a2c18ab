# Everything goes through .venv; stamps in it say what is done, so a second run starts at once.
PYTHON ?= python3
WORKERS ?= 6
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
SOURCES := $(shell find cxtui -name '*.py' 2>/dev/null)
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help demo edge run test lint format typecheck pytest screenshots bench bench-edge lock apt clean distclean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.compiled ## the console with sample customers and a playing attack (ARGS="…" passed on)
	@$(BIN)/cxtui demo $(ARGS)

edge: $(VENV)/.compiled apt ## the same with a real Kamailio, real phones and attackers on loopback
	@$(BIN)/cxtui demo --edge $(ARGS)

run: $(VENV)/.compiled ## the console on your own database (ARGS="…" passed on)
	@$(BIN)/cxtui $(ARGS)

test: lint typecheck pytest ## lint, types and all tests, as CI does

lint: $(VENV)/.dev ## style and mistakes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

typecheck: $(VENV)/.dev ## types, strict
	$(BIN)/mypy

pytest: $(VENV)/.dev $(VENV)/.compiled apt ## tests only (ARGS="-k word")
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

format: $(VENV)/.dev ## write the style into the files
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

screenshots: $(VENV)/.dev $(VENV)/.compiled apt ## screenshots/ anew
	$(BIN)/python scripts/screenshots.py $(ARGS)

bench: $(VENV)/.dev $(VENV)/.compiled apt ## speed and memory of the console, then of an edge (with ARGS the console alone)
	$(BIN)/python scripts/bench.py $(ARGS)
	$(if $(ARGS),,$(BIN)/python scripts/bench_edge.py)

bench-edge: $(VENV)/.dev $(VENV)/.compiled apt ## how soon a save is proven at an edge, and what that costs (ARGS=--full)
	$(BIN)/python scripts/bench_edge.py $(ARGS)

UV_COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header $(ARGS) pyproject.toml --group build

lock: $(VENV)/.dev ## the locks anew from pyproject.toml (newest versions: ARGS=--upgrade)
	$(UV_COMPILE) --output-file requirements.txt
	$(UV_COMPILE) --group dev --constraints requirements.txt --output-file requirements-dev.txt

clean: ## what the tools left behind
	rm -rf build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis snapshot_report.html
	find cxtui tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -f $(VENV)/.compiled

distclean: clean ## and the virtual environment
	rm -rf $(VENV)

apt:
	@bash scripts/apt-install.sh $$(cat tests/apt-packages.txt)

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "cxtui needs Python 3.11 or newer; $(PYTHON) is: $$($(PYTHON) --version 2>&1)." >&2; \
	  echo "With another one: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || bash scripts/apt-install.sh \
	  "$$($(PYTHON) -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
	@$(PYTHON) -m venv $(VENV) || { \
	  echo "$(PYTHON) cannot make virtual environments: install its venv module (Debian: python3-venv)." >&2; exit 1; }
	@touch $@

$(VENV)/.runtime: requirements.txt $(VENV)/.made
	@echo "Installing locked packages …"
	@$(PIP) install --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.project: pyproject.toml cxtui/__init__.py $(VENV)/.runtime
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.project
	@echo "Installing locked packages for development …"
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

# Without .pyc files the console starts four times slower, so none is left to the first start.
$(VENV)/.compiled: $(VENV)/.project $(wildcard $(VENV)/.dev) $(SOURCES)
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m compileall -q $(VENV)/lib cxtui
	@touch $@
