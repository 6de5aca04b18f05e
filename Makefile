# Everything starts here: `make run` on a fresh machine sets Inkstone up and opens it, `make test` proves it.
PYTHON ?= python3
ARGS ?=

BIN := $(if $(filter Windows_NT,$(OS)),.venv/Scripts,.venv/bin)
SETUP := $(PYTHON) .ci/setup.py

# Coverage that `make test` asks for, in percent, branches counted.
COVER_ASSISTANT ?= 95
COVER_UI ?= 85

.DEFAULT_GOAL := help
.PHONY: help setup run test test-long lint format bench demo translations pins clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

setup: ## Make .venv with all that running needs
	@$(SETUP)

run: setup ## Set up and open Inkstone; ARGS='chat "Hello"' for the terminal
	@$(BIN)/python -m ui $(ARGS)

test: ## Set up, lint, types, contracts, all tests, coverage; ARGS="-k store" for some tests
	@$(SETUP) --test
	@status=0; \
	$(MAKE) --no-print-directory checks || status=1; \
	if [ -n '$(value ARGS)' ]; then $(BIN)/python -m pytest $(ARGS) || status=1; \
	else $(MAKE) --no-print-directory covered || status=1; fi; \
	exit $$status

test-long: ## The tests with the full rounds of kills, faults and random walks
	@$(SETUP) --test
	@$(BIN)/python -m pytest --long $(ARGS)

.PHONY: checks covered
checks:
	@status=0; \
	$(BIN)/ruff check --quiet . || status=1; \
	$(BIN)/ruff format --check --quiet . || { echo "Run make format."; status=1; }; \
	$(BIN)/mypy || status=1; \
	$(BIN)/lint-imports --no-cache --no-logo || status=1; \
	exit $$status

covered:
	@$(BIN)/coverage erase
	@status=0; \
	$(BIN)/coverage run -m pytest || status=1; \
	$(BIN)/coverage combine --quiet; rm -f .coverage.*; \
	$(BIN)/coverage report --skip-covered --skip-empty --include='assistant/*' --fail-under=$(COVER_ASSISTANT) || status=1; \
	$(BIN)/coverage report --skip-covered --skip-empty --include='ui/*' --fail-under=$(COVER_UI) || status=1; \
	exit $$status

lint: ## ruff, mypy strict and the walls between the rooms
	@$(SETUP) --test
	@$(MAKE) --no-print-directory checks

format: ## Bring the code into its form
	@$(SETUP) --test
	@$(BIN)/ruff check --quiet --fix . ; $(BIN)/ruff format .

bench: ## Measure start, streaming, scrolling and the engine against the bars
	@$(SETUP) --test
	@$(BIN)/python -m tests.bench $(ARGS)

demo: ## Drive the real window offscreen and save pictures to docs/screenshots
	@$(SETUP) --test
	@$(BIN)/python -m tests.demo $(ARGS)

pins: ## Write the requirement files anew from pyproject.toml (needs uv); ARGS=--upgrade for the newest versions
	@$(PYTHON) .ci/pin.py $(ARGS)

translations: ## Collect the sentences and compile the catalogues
	@$(SETUP) --test
	@$(BIN)/python .ci/translations.py

clean: ## Remove the environment and all that was made here; conversations and models stay
	@rm -rf .venv build dist *.egg-info .coverage .coverage.* htmlcov .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find assistant ui resources tests .ci -name __pycache__ -type d -prune -exec rm -rf {} +
