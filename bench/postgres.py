"""Databases of the run: created empty, dropped at its end."""

from typing import LiteralString
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

Statement = LiteralString | sql.SQL | sql.Composed


def url_of(base_url: str, database: str) -> str:
    return urlunsplit(urlsplit(base_url)._replace(path=f"/{database}"))


def create(base_url: str, database: str) -> None:
    drop(base_url, database)
    execute(base_url, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))


def drop(base_url: str, database: str) -> None:
    execute(base_url, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))


def settle(url: str) -> None:
    """Give the planner true statistics, so that no run meets the first automatic one."""
    execute(url, "VACUUM ANALYZE")


def version(url: str) -> str:
    with psycopg.connect(url) as connection:
        number = connection.info.server_version
    return f"{number // 10000}.{number % 10000}"


def execute(url: str, statement: Statement) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)
