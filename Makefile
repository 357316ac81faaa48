# Every target with its one-line help: `make help`.
.DEFAULT_GOAL := help
UV_VERSION := 0.13.8
UV := .venv/bin/uv
RUN := .venv/bin/python

help: ## List the targets.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.venv/installed: pyproject.toml uv.lock
	@test -x .venv/bin/python || python3 -m venv .venv
	@test -x $(UV) || .venv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(UV) sync --locked --inexact --quiet
	@touch $@

test: .venv/installed ## Run the tests (DATABASE_URL and REDIS_URL choose PostgreSQL and Redis).
	.venv/bin/pytest -n auto -q

lint: .venv/installed ## Check style, types and import directions.
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy .

.PHONY: help test lint
