"""Files of the ledger: a row first, then a file in the background, then downloads for a day.

Not here: how workers share the rows (`core/background_files.py`), and how lines are written (`finance/statements/`).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import IO
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import storages
from django.db import transaction
from django.utils import timezone

from access.selectors import grants_of
from access.services import record
from access.types import Principal
from accounts.selectors import find_user, workspaces_of
from core import background_files
from core.background_files import is_downloadable
from core.contributions.notices import Recipient
from core.db.instances import insert
from core.errors import FieldError, NotFound
from core.jobs import enqueue
from events.services import publish
from finance import signatures, statements
from finance.errors import ExportLinkGone, TooManyRows
from finance.events import LedgerExportReady
from finance.models import LedgerExport
from finance.scopes import READ
from finance.selectors import get_export, ledger_lines, list_lines
from finance.types import ExportFormat, ExportStatus, Line

FOLDER = "ledger-exports"


def request_export(*, actor: Principal, format: ExportFormat, starts_at: datetime, ends_at: datetime) -> LedgerExport:  # noqa: A002
    """Ask for what was posted from `starts_at` until before `ends_at`, as a file.

    Raises:
        NotFound: the caller has no workspace.
        TooManyRows: a file of that format does not hold them all.
    """
    if actor.workspace_id is None:
        raise NotFound
    export = LedgerExport(
        user_id=actor.user_id, workspace_id=actor.workspace_id, format=format, starts_at=starts_at, ends_at=ends_at
    )
    _refuse_too_many(export)
    with transaction.atomic():
        insert(export)
        record(
            action="ledger_export.requested",
            outcome="success",
            principal=actor,
            target_type="ledger_export",
            target_id=export.id,
        )
        enqueue("finance.export")
    return export


def open_export(
    *, actor: Principal, export_id: UUID, expires: int, signature: str
) -> "tuple[LedgerExport, File[bytes]]":
    """Open the file behind a signed link of the caller's.

    Raises:
        NotFound: the caller has no such export, or the link is not ours.
        ExportLinkGone: the link or the file has expired.
    """
    export = get_export(actor, export_id)
    signatures.check(export_id, expires=expires, signature=signature)
    if not is_downloadable(export.status, export.expires_at) or not storages["private"].exists(export.file):
        raise ExportLinkGone
    record(
        action="ledger_export.downloaded",
        outcome="success",
        principal=actor,
        target_type="ledger_export",
        target_id=export_id,
    )
    return export, storages["private"].open(export.file)


def stored_names(export: LedgerExport) -> list[str]:
    """Every file that there may be of an export, those that killed workers left too."""
    return [f"{FOLDER}/{export.id}-{attempt}.{export.format}" for attempt in range(1, export.attempts + 1)]


def make_due(*, seconds: float = 60.0) -> int:
    """Make what was asked for, for about `seconds`; returns how many were tried."""
    maker = background_files.Maker(
        model=LedgerExport,
        job="finance.export",
        lifetime=settings.LEDGER_EXPORT_LIFETIME,
        names=stored_names,
        write=_write,
        finish=_finish,
        may_make=_may_read,
    )
    return maker.make_due(seconds=seconds)


def clear_away() -> int:
    """Delete the files of exports that have expired; returns how many."""
    expired = LedgerExport.objects.filter(status=ExportStatus.READY, expires_at__lte=timezone.now())
    return background_files.delete_files(expired, status=ExportStatus.EXPIRED)


def _refuse_too_many(export: LedgerExport) -> None:
    """Counts no further than the limit, whatever there is."""
    limit = statements.LIMITS.get(export.format)
    if limit is not None and list_lines(export)[: limit + 1].count() > limit:
        message = f"A {export.format} holds at most {limit} rows. Choose a shorter period, or csv or xlsx."
        raise TooManyRows(message, errors=[FieldError("/format", TooManyRows.code, message)], limit=limit)


def _may_read(export: LedgerExport) -> bool:
    """Whether whoever asked for it could still do so now."""
    user = find_user(export.user_id)
    is_member = export.workspace_id in workspaces_of(export.user_id)
    return bool(user and user.is_active) and is_member and READ in grants_of(export.user_id).scopes


def _write(export: LedgerExport, file: IO[bytes], beat: background_files.Beat) -> None:
    user = find_user(export.user_id)
    assert user is not None, "Exports go with their owner."
    reader = Recipient(export.user_id, user.locale, ZoneInfo(user.timezone))
    about = statements.About(export.format, export.starts_at, export.ends_at, reader)
    statements.write(file, _lines(export, beat), about)


def _lines(export: LedgerExport, beat: background_files.Beat) -> Iterator[Line]:
    total, done = list_lines(export).count(), 0
    beat(done=done, total=total)
    for batch in ledger_lines(export):
        yield from batch
        done += len(batch)
        beat(done=done, total=max(total, done))


def _finish(export: LedgerExport) -> None:
    event = LedgerExportReady(aggregate_id=export.id, requested_by=export.user_id, format=export.format)
    publish(event, actor_id=export.user_id)
