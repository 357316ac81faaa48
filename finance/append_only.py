"""The database itself keeps the books: postings never change, and on PostgreSQL no commit leaves one unbalanced."""

from typing import Any

from django.db import connections

from core.db import append_only
from finance.models import Posting

POSTINGS = Posting._meta.db_table

_BALANCED = f"""
CREATE OR REPLACE FUNCTION finance_check_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM {POSTINGS} WHERE transaction_id = NEW.transaction_id GROUP BY currency HAVING sum(amount) <> 0
  ) THEN
    RAISE EXCEPTION 'transaction % is unbalanced', NEW.transaction_id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$
"""
_AT_COMMIT = f"""
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgname = '{POSTINGS}_balanced') THEN
    CREATE CONSTRAINT TRIGGER {POSTINGS}_balanced AFTER INSERT ON {POSTINGS}
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION finance_check_balanced();
  END IF;
END $$
"""


def protect(using: str = "default", **kwargs: Any) -> None:
    """Install the triggers that are missing. Runs after every `migrate`."""
    connection = connections[using]
    if POSTINGS not in connection.introspection.table_names():
        return
    with connection.cursor() as cursor:
        for statement in append_only.triggers(connection.vendor, POSTINGS):
            cursor.execute(statement)
        if connection.vendor == "postgresql":
            cursor.execute(_BALANCED)
            cursor.execute(_AT_COMMIT)
