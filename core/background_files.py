"""Files made in the background: a row says what is wanted, and a worker leases it, makes the file and stores it.

A worker counts `attempts` up, which is the fencing token: what a slow worker finishes after its lease ran out is thrown
away. What a killed worker had begun is made anew from the start. Not here: who may ask, and what is in the file.
"""

import logging
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import IO, Generic, TypeVar

from django.core.files.base import File
from django.core.files.storage import storages
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

from core.db.changes import save_changes
from core.db.models import BaseModel
from core.jobs import enqueue

QUEUED, RUNNING, READY, FAILED = "queued", "running", "ready", "failed"
LEASE = timedelta(minutes=5)
RETRY = timedelta(minutes=2)
MAX_ATTEMPTS = 5

_log = logging.getLogger(__name__)


class Superseded(Exception):
    """Somebody else has taken over the row, or it is gone."""


class BackgroundFile(BaseModel):
    """A file that is wanted. `due_at` is the lease of whoever makes it, `attempts` the fencing token.

    A model of these adds `status`, with the four words above among its choices, and an index of what is due.
    """

    status: "models.CharField[str, str]"
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    file = models.CharField(max_length=200, blank=True)  # in the private storage
    size = models.PositiveBigIntegerField(default=0)  # bytes
    ready_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


B = TypeVar("B", bound=BackgroundFile)
Beat = Callable[..., None]  # takes what to note of the progress, by column


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker(Generic[B]):
    """How files of one kind are made.

    `names` are those of all attempts at a file so far, the latest last. `write` is given a function to call between
    batches, which keeps the lease and notes progress. `finish` belongs to the transaction that makes a row ready.
    What `may_make` says no to is given up.
    """

    model: type[B]
    job: str
    lifetime: timedelta
    names: Callable[[B], Sequence[str]]
    write: Callable[[B, IO[bytes], Beat], None]
    finish: Callable[[B], None]
    may_make: Callable[[B], bool] = lambda row: True

    def make_due(self, *, seconds: float) -> int:
        """Make what was asked for, for about `seconds`; returns how many were tried."""
        tried, deadline = 0, monotonic() + seconds
        while row := self._claim():
            if row.status == RUNNING:
                self._make(row)
            tried += 1
            if monotonic() > deadline:
                enqueue(self.job)
                break
        return tried

    def _claim(self) -> B | None:
        """Lease the row that has waited longest, or give it up."""
        now = timezone.now()
        with transaction.atomic():
            due = self.model._default_manager.filter(status__in=(QUEUED, RUNNING), due_at__lte=now)
            row = due.select_for_update(skip_locked=True).order_by("due_at").first()
            if row is None:
                return None
            if row.attempts >= MAX_ATTEMPTS or not self.may_make(row):
                _delete(self.names(row))
                return save_changes(row, status=FAILED)
            return save_changes(row, status=RUNNING, attempts=row.attempts + 1, due_at=now + LEASE)

    def _make(self, row: B) -> None:
        *killed, name = self.names(row)
        try:
            with tempfile.TemporaryFile() as file:
                self.write(row, file, partial(self._beat, row))
                size = file.seek(0, 2)
                file.seek(0)
                storages["private"].save(name, File(file))
            self._finish(row, name, size)
        except Superseded:
            _delete([name])
        except Exception:
            _log.exception("%s %s failed", self.model.__name__, row.id)
            _delete([name])
            self._ours(row).update(due_at=timezone.now() + RETRY)
        else:
            _delete(killed)

    def _beat(self, row: B, **progress: int) -> None:
        if not self._ours(row).update(due_at=timezone.now() + LEASE, **progress):
            raise Superseded

    def _finish(self, row: B, name: str, size: int) -> None:
        now = timezone.now()
        ready = {"status": READY, "file": name, "size": size, "ready_at": now, "expires_at": now + self.lifetime}
        with transaction.atomic():
            if not self._ours(row).update(**ready, rev=F("rev") + 1, updated_at=now):
                raise Superseded
            self.finish(row)

    def _ours(self, row: B) -> models.QuerySet[B]:
        return self.model._default_manager.filter(id=row.id, attempts=row.attempts, status=RUNNING)


def is_downloadable(status: str, expires_at: datetime | None) -> bool:
    return status == READY and expires_at is not None and expires_at > timezone.now()


def delete_files(rows: models.QuerySet[B], *, status: str) -> int:
    """Delete the files of `rows`, which get that status, 500 at most; returns how many."""
    cleared = 0
    for row in rows.order_by("expires_at")[:500]:
        storages["private"].delete(row.file)
        changes = {"file": "", "status": status, "rev": F("rev") + 1, "updated_at": timezone.now()}
        cleared += rows.model._default_manager.filter(id=row.id).update(**changes)
    return cleared


def _delete(names: Sequence[str]) -> None:
    for name in names:
        storages["private"].delete(name)
