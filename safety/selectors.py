"""Reading reports and blocks, and the one rule by which other apps keep people apart who block each other."""

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from access.types import Principal
from core.db.instances import fetch_first
from core.db.versions import DataVersion
from events.selectors import data_version
from safety.feed import BLOCKED_BY, BLOCKS, REPORTS
from safety.managers import BlockQuerySet, ReportQuerySet
from safety.models import Block, Report

BLOCK_COLLECTIONS = (BLOCKS, BLOCKED_BY)
"""What a version has to name, in the scope of a person, to change with every block by or of them."""


def unblocked(viewer_id: Any, owner: str) -> Q:
    """The condition that neither the viewer blocks the person in the column `owner`, nor they the viewer.

    Two look-ups in an index, so that no list costs a query more. The id may be a placeholder of a composed query.
    """
    by_viewer = Block.objects.filter(blocker_id=viewer_id, blocked_id=OuterRef(owner))
    by_owner = Block.objects.filter(blocked_id=viewer_id, blocker_id=OuterRef(owner))
    return Q(~Exists(by_viewer), ~Exists(by_owner))


def are_apart(one: UUID, other: UUID) -> bool:
    """Whether either of two people blocks the other. One query."""
    return Block.objects.filter(Q(blocker_id=one, blocked_id=other) | Q(blocker_id=other, blocked_id=one)).exists()


def kept_from(user_id: UUID) -> frozenset[UUID]:
    """Everybody who must not meet somebody: who blocks them, and whom they block. One query."""
    pairs = Block.objects.filter(Q(blocker_id=user_id) | Q(blocked_id=user_id)).values_list("blocker_id", "blocked_id")
    return frozenset(blocked if blocker == user_id else blocker for blocker, blocked in pairs)


def list_blocks(principal: Principal) -> BlockQuerySet:
    blocks: BlockQuerySet = Block.objects.all()
    return blocks.visible_to(principal)


def blocks_version(principal: Principal) -> DataVersion:
    """What changes whenever the caller blocks somebody, or no more."""
    return data_version(scopes=[f"u:{principal.user_id}"], collections=[BLOCKS])


def list_reports(principal: Principal) -> ReportQuerySet:
    """Those that the caller filed."""
    reports: ReportQuerySet = Report.objects.all()
    return reports.visible_to(principal)


def reports_version(principal: Principal) -> DataVersion:
    """What changes whenever one of the caller's reports does."""
    return data_version(scopes=[f"u:{principal.user_id}"], collections=[REPORTS])


def find_waiting_report(reporter_id: UUID, subject_type: str, subject_id: UUID) -> Report | None:
    """The report of a subject that somebody has filed and nobody has decided about."""
    own = Report.objects.waiting().filter(reporter_id=reporter_id, subject_type=subject_type, subject_id=subject_id)
    found: Report | None = fetch_first(own)
    return found


def waiting_reports() -> int:
    return Report.objects.waiting().count()


def overdue_reports() -> int:
    return Report.objects.overdue(timezone.now()).count()
