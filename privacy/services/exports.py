"""Handing people a copy of everything about them: a row first, then a file, then one download.

Not here: how workers share the rows (`core/background_files.py`), and what is in the file (`privacy/archive.py`).
"""

from datetime import timedelta
from typing import IO
from uuid import UUID

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import storages
from django.db import IntegrityError, transaction
from django.utils import timezone

from access.services import record
from access.types import Principal
from accounts.selectors import find_user
from accounts.services.claiming import greeted_as
from core import background_files, mail
from core.background_files import is_downloadable
from core.db.changes import lock, save_changes
from core.db.instances import insert
from core.jobs import enqueue
from events.services import publish
from privacy import archive
from privacy.errors import ExportGone, ExportNotReady
from privacy.events import ExportReady
from privacy.models import OPEN_EXPORTS, Export
from privacy.services import requests
from privacy.types import ExportStatus, RequestKind, Source

FOLDER = "exports"
KEEP_SPENT = timedelta(hours=1)  # a download may still be running


def request(*, actor: Principal) -> Export:
    """Ask for a copy of everything about the caller; one that is being made already is the answer too."""
    try:
        with transaction.atomic():
            export = insert(Export(user_id=actor.user_id))
            requests.receive(kind=RequestKind.ACCESS, source=Source.APP, user_id=actor.user_id)
            record(
                action="export.requested", outcome="success", principal=actor, target_type="export", target_id=export.id
            )
            enqueue("privacy.export")
    except IntegrityError:
        return Export.objects.get(user_id=actor.user_id, status__in=OPEN_EXPORTS)
    return export


def download(*, actor: Principal, export_id: UUID) -> "File[bytes]":
    """Open the caller's export, once.

    Raises:
        NotFound: the caller has no such export.
        ExportNotReady: it is still being made.
        ExportGone: it was downloaded before, has expired, or could not be made.
    """
    with transaction.atomic():
        export = lock(Export.objects.filter(user_id=actor.user_id), id=export_id)
        if export.status in OPEN_EXPORTS:
            raise ExportNotReady
        if not is_downloadable(export.status, export.expires_at) or not storages["private"].exists(export.file):
            raise ExportGone
        save_changes(export, status=ExportStatus.SPENT, downloaded_at=timezone.now())
        record(
            action="export.downloaded", outcome="success", principal=actor, target_type="export", target_id=export_id
        )
        return storages["private"].open(export.file)


def make_due(*, seconds: float = 60.0) -> int:
    """Make what was asked for, for about `seconds`; returns how many were tried."""
    maker = background_files.Maker(
        model=Export,
        job="privacy.export",
        lifetime=settings.EXPORT_LIFETIME,
        names=stored_names,
        write=_write,
        finish=_finish,
    )
    return maker.make_due(seconds=seconds)


def clear_away() -> int:
    """Delete the files of exports that were downloaded or have expired; returns how many."""
    now = timezone.now()
    expired = Export.objects.filter(status=ExportStatus.READY, expires_at__lt=now)
    spent = Export.objects.filter(status=ExportStatus.SPENT, downloaded_at__lt=now - KEEP_SPENT).exclude(file="")
    kinds = ((ExportStatus.EXPIRED, expired), (ExportStatus.SPENT, spent))
    return sum(background_files.delete_files(rows, status=status) for status, rows in kinds)


def mail_ready(*, export_id: UUID) -> None:
    """Tell the owner that their export is waiting. There is no secret in the mail: the app fetches it."""
    export = Export.objects.filter(id=export_id, status=ExportStatus.READY).first()
    user = find_user(export.user_id) if export else None
    if export and user and user.is_active:
        values = {"name": greeted_as(user), "expires_at": export.expires_at}
        mail.deliver("privacy/mail/export_ready", to=user.email, context=values)


def stored_names(export: Export) -> list[str]:
    """Every file that there may be of an export, those that killed workers left too."""
    return [f"{FOLDER}/{export.id}-{attempt}.zip" for attempt in range(1, export.attempts + 1)]


def _write(export: Export, file: IO[bytes], beat: background_files.Beat) -> None:
    beat(progress=0)
    archive.write(file, user_id=export.user_id, progress=lambda share: beat(progress=int(share * 99)))


def _finish(export: Export) -> None:
    Export.objects.filter(id=export.id).update(progress=100)
    requests.close_open(user_id=export.user_id, kind=RequestKind.ACCESS)
    publish(ExportReady(aggregate_id=export.id), actor_id=export.user_id)
