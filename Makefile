# Every verb of this repository. Each does its own set-up: a bare machine needs Python 3.11+ with pip, nothing else.
.DEFAULT_GOAL := help
.PHONY: help setup demo test fmt lint types imports unit postgresql browser golden accept bench lock
.NOTPARALLEL:

BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
WORKERS ?= 2

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Make .venv and install the locked packages (skipped when nothing changed)
	@sh scripts/setup.sh

demo: setup ## Place a restaurant call in audio and answer one in Spanish, live on this terminal
	@$(BIN)/voice-engine demo

test: setup lint types imports unit ## The whole check: lint, types, import contracts, tests (what CI runs)

fmt: setup ## Format the code and apply safe lint fixes
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lint: setup ## Lint, formatting, spelling
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/codespell

types: setup ## mypy --strict over code and tests
	@$(BIN)/mypy

imports: setup ## Import contracts between the layers
	@$(BIN)/lint-imports --no-cache

unit: setup # Tests alone, without the long acceptance checks
	@$(PYTEST) -m "not acceptance and not browser" -n $(WORKERS) --dist loadfile

postgresql: setup ## Every test that has a database, on PostgreSQL (part of make accept)
	@$(PYTEST) -m "store and not acceptance and not browser" --database postgresql -n $(WORKERS) --dist loadfile

browser: setup ## The web app in a real Chromium (BROWSER=/usr/bin/chromium), accessibility and screenshots included
	@sh scripts/browser.sh
	@$(PYTEST) tests/browser -m browser --timeout 180 $(ARGS)

golden: setup ## Rewrite the golden logs under tests/golden (review the diff like code)
	@$(BIN)/python -m tests.golden.turn_logs

accept: setup ## Every longer check, resumable; writes docs/ACCEPTANCE.md (ARGS="--only name --fresh")
	@$(BIN)/python scripts/accept.py $(ARGS)

bench: setup ## The engine against a hand-written floor and a peer, interleaved (ARGS="--pairs 7")
	@$(BIN)/python -m benchmarks.engine $(ARGS)

lock: setup ## Resolve requirements.lock anew for Python 3.11 to 3.13 (commit the result)
	@$(BIN)/uv pip compile --no-config --universal --python-version 3.11 --generate-hashes --all-extras \
		--no-emit-index-url --no-annotate --custom-compile-command "make lock" $(ARGS) \
		pyproject.toml --output-file requirements.lock
