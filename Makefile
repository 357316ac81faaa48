# The project's commands; `make` lists them. A fresh machine needs git, make and Python 3.11+ with venv.
.DEFAULT_GOAL := help
UV_VERSION := 0.13.8
PYTHON ?= python3
RUN := .venv/bin/python

help: ## List the commands.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1|/' | column -t -s '|'

.venv/installed: pyproject.toml uv.lock
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
	@.venv/bin/uv --version 2>/dev/null | grep -q $(UV_VERSION) || .venv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@.venv/bin/uv sync --locked --inexact --quiet
	@touch $@

install: .venv/installed ## Create the virtual environment (done by the other commands too).

run: .venv/installed ## Start everything with demo data; honours PORT, GIGVORA_HOME, DATABASE_URL, REDIS_URL.
	@$(RUN) manage.py migrate --no-input --verbosity 0
	@$(RUN) manage.py seed_demo
	@exec $(RUN) -m config.serve

test: .venv/installed ## Run the tests; DATABASE_URL and REDIS_URL choose PostgreSQL and Redis.
	@$(RUN) -m pytest --numprocesses auto --dist loadgroup --quiet

check: .venv/installed ## Check style, types, imports, migrations and generated files.
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check --quiet .
	@.venv/bin/mypy .
	@.venv/bin/lint-imports --no-logo
	@.venv/bin/uv lock --check --quiet
	@$(RUN) manage.py check
	@$(RUN) manage.py makemigrations --check --dry-run
	@$(RUN) manage.py catalogues --check
	@$(RUN) manage.py spectacular --validate --fail-on-warn | diff --brief docs/openapi.yaml - || (echo 'Run `make docs`.' && false)

format: .venv/installed ## Format the code and apply safe fixes.
	@.venv/bin/ruff check --fix --quiet .
	@.venv/bin/ruff format --quiet .

docs: .venv/installed ## Write the documents that are generated from code.
	@$(RUN) manage.py catalogues
	@$(RUN) manage.py spectacular --file docs/openapi.yaml --validate --fail-on-warn

migrations: .venv/installed ## Write migrations for changed models.
	@$(RUN) manage.py makemigrations

bench: .venv/installed ## Compare with plain DRF and Parse Server on PostgreSQL (half an hour).
	@$(RUN) -m bench

clean: ## Remove the environment and everything that was generated.
	rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

.PHONY: help install run test check format docs migrations bench clean
