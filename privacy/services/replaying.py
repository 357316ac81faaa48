"""Erasing again whom a restored backup brought back."""

from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from core.db.changes import save_changes
from core.db.instances import insert
from core.jobs import enqueue
from privacy import journal
from privacy.digests import person_digest
from privacy.models import OPEN_ERASURES, Erasure, Tombstone
from privacy.services.holding import hold
from privacy.types import ErasureStatus, Source


def replay() -> int:
    """Schedule the erasure, at once, of everybody who was erased before and is here; returns how many."""
    erased = {*journal.noted(), *Tombstone.objects.values_list("digest", flat=True)}
    done = Erasure.objects.filter(status=ErasureStatus.DONE).values("user_id")
    people = get_user_model().objects.exclude(pk__in=done).values_list("pk", flat=True)
    back = [user_id for user_id in people.iterator(chunk_size=5_000) if person_digest(user_id) in erased]
    for user_id in back:
        _schedule(user_id)
    if back:
        enqueue("privacy.erase")
    return len(back)


def unfinished() -> int:
    """How many replayed erasures are not done yet, because they wait for something."""
    return Erasure.objects.filter(source=Source.RESTORE, status__in=OPEN_ERASURES).count()


def _schedule(user_id: UUID) -> None:
    now = timezone.now()
    with transaction.atomic():
        hold(user_id)
        erasure = Erasure.objects.select_for_update().filter(user_id=user_id, status__in=OPEN_ERASURES).first()
        if erasure is None:
            insert(Erasure(user_id=user_id, status=ErasureStatus.SCHEDULED, source=Source.RESTORE, executes_at=now))
        elif erasure.status != ErasureStatus.RUNNING:
            save_changes(erasure, status=ErasureStatus.SCHEDULED, executes_at=now)
