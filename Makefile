.DEFAULT_GOAL := help
.PHONY: help setup run check fix test coverage test-fast test-clients test-browser test-postgres words \
        migration migration-reset bench clean

PORT ?= 8000
HOST ?= 127.0.0.1
DATA_DIR ?= etabli-data
VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest

help:             ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
run: $(VENV)/.installed          ## A hub on http://127.0.0.1:8000, with its worker: make run PORT=8080
	@exec $(BIN)/etabli serve --host "$(HOST)" --port "$(PORT)" --data-dir "$(DATA_DIR)"
setup: $(VENV)/.developed        ## All that working on Établi takes, in .venv
check: $(VENV)/.developed        ## All that needs no running: style, types, the direction of imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
fix: $(VENV)/.developed          ## Repair what can be repaired
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
test: $(VENV)/.developed         ## Every test, on SQLite, with real clients and a real browser
	@sh scripts/system_packages.sh
	$(PYTEST) -n auto
coverage: $(VENV)/.developed     ## The same, and how many of the branches they take, in all processes
	@sh scripts/system_packages.sh
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run -m pytest -n auto
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report --fail-under=92
test-fast: $(VENV)/.developed    ## The tests that take no server, in a minute or two
	$(PYTEST) -n auto -m "not clients and not browser and not slow"
test-clients: $(VENV)/.developed ## Real clients against a real server
	$(PYTEST) -m clients
test-browser: $(VENV)/.developed ## A real browser against a real server
	@sh scripts/system_packages.sh
	$(PYTEST) -m browser
test-postgres: $(VENV)/.developed ## The same tests on a real PostgreSQL, started for them
	@sh scripts/system_packages.sh
	$(BIN)/python scripts/with_postgres.py $(PYTEST) -n auto -m "not clients and not browser and not slow"
words: $(VENV)/.developed        ## Bring the translations up to date with the code
	$(BIN)/python scripts/words.py
migration: $(VENV)/.developed    ## Write a migration from the models: make migration NAME="Runs have a note"
	$(BIN)/python scripts/new_migration.py "$(NAME)"
migration-reset: $(VENV)/.developed ## One first migration in place of all: before the first release only
	$(BIN)/python scripts/new_migration.py --reset
bench: $(VENV)/.developed        ## Measure how fast it is
	$(BIN)/python -m benchmarks
clean:            ## Remove what was installed and built here; no hub's data
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

# A second call finds the stamp newer than pyproject.toml, and starts at once. What pip says is
# shown: half a minute of silence looks like a fault.
$(VENV)/.made:
	@sh scripts/make_venv.sh $(VENV)
	@touch $@
$(VENV)/.installed: pyproject.toml | $(VENV)/.made
	@echo "Downloading and installing what Établi needs. This takes about half a minute, the first time only."
	@$(BIN)/python -m pip install --disable-pip-version-check --editable .
	@touch $@
$(VENV)/.developed: pyproject.toml | $(VENV)/.made
	@echo "Downloading and installing what working on Établi takes. The first time only."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[postgres]' --group dev
	@touch $@ $(VENV)/.installed
