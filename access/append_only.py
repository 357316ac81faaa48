"""The database itself refuses to change the audit trail, whoever asks. All that may be done is to blank personal parts.

Whoever owns the database can remove the triggers; the hash chain tells then.
"""

from collections.abc import Iterable
from typing import Any

from django.db import connections

from access.commitments import LASTING, PARTS
from access.models import AuditEntry, AuditSeal
from core.db import append_only

ENTRIES, SEALS = TABLES = (AuditEntry._meta.db_table, AuditSeal._meta.db_table)


def protect(using: str = "default", **kwargs: Any) -> None:
    """Install the triggers that are missing. Runs after every `migrate`."""
    connection = connections[using]
    if not set(TABLES) <= set(connection.introspection.table_names()):
        return
    with connection.cursor() as cursor:
        for statement in _statements(connection.vendor):
            cursor.execute(statement)


def _statements(vendor: str) -> list[str]:
    same = "IS NOT DISTINCT FROM" if vendor == "postgresql" else "IS"
    blanking = f"WHEN (NOT ({_blanks_only(same)}))"
    return [*append_only.triggers(vendor, ENTRIES, update_when=blanking), *append_only.triggers(vendor, SEALS)]


def _blanks_only(same: str) -> str:
    """The condition under which a change of an entry blanks personal parts, and does nothing else."""
    parts = [
        f"({_unchanged([f'{part}_salt', *columns], same)} OR {_is_blanked(part)})" for part, columns in PARTS.items()
    ]
    salts = _unchanged([f"{part}_salt" for part in PARTS], same)
    return " AND ".join([_unchanged(LASTING, same), *parts, f"NOT ({salts})"])


def _unchanged(columns: Iterable[str], same: str) -> str:
    return " AND ".join(f"NEW.{column} {same} OLD.{column}" for column in columns)


def _is_blanked(part: str) -> str:
    """The salt goes, and with it what it bound; of an address less may stay, which `chain.verify` looks at."""
    blank = {"ip": "length(NEW.ip) <= length(OLD.ip)", "details": "CAST(NEW.details AS text) = '{}'"}
    columns = [blank.get(column, f"NEW.{column} = ''") for column in PARTS[part]]
    return " AND ".join([f"length(NEW.{part}_salt) = 0", *columns])
