"""Letting data grow old: rows are changed or deleted when their time has come, as apps declare it, in batches.

What a rule changes it changes once: how far it has come is remembered. What it deletes needs no memory.
"""

import logging
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from core.contributions.privacy import Ageing, Personal, personal_data
from privacy import shredder
from privacy.models import AgeingProgress

BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)

_log = logging.getLogger(__name__)


def let_age() -> int:
    """Carry out every rule; returns how many rows were changed or deleted. One rule that fails stops no other."""
    return sum(_carry_out(personal, rule) for personal in personal_data() for rule in personal.ageing)


def _carry_out(personal: Personal, rule: Ageing) -> int:
    end = timezone.now() - rule.after
    try:
        rows = _delete(personal, rule, end) if rule.change is None else _change(personal, rule, end)
    except Exception:
        _log.exception("The rule %s failed", rule.name)
        return 0
    known, _ = AgeingProgress.objects.get_or_create(rule=rule.name, defaults={"reached": end, "ran_at": end})
    known.reached, known.ran_at, known.rows = end, timezone.now(), known.rows + rows
    known.save()
    return rows


def _delete(personal: Personal, rule: Ageing, end: datetime) -> int:
    return shredder.remove(personal, _aged(personal, rule, BEGINNING, end))


def _change(personal: Personal, rule: Ageing, end: datetime) -> int:
    assert rule.change is not None
    last = AgeingProgress.objects.filter(rule=rule.name).values_list("reached", flat=True).first()
    changed = 0
    for batch in shredder.batches(_aged(personal, rule, last or BEGINNING, end)):
        with transaction.atomic():
            for row in batch:
                if values := rule.change(row):
                    changed += personal.model._base_manager.filter(pk=row.pk).update(**values)
    return changed


def _aged(personal: Personal, rule: Ageing, start: datetime, end: datetime) -> QuerySet[Any]:
    since = rule.within(start, end) if rule.within else Q(**{f"{rule.since}__gte": start, f"{rule.since}__lt": end})
    rows: QuerySet[Any] = personal.model._base_manager.filter(since, rule.where)
    return rows
