"""The personal data of the audit trail and of staff screens."""

from uuid import UUID

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import F, Q
from django.utils import timezone
from guardian.models import GroupObjectPermission, UserObjectPermission

from access import redaction
from access.commitments import KEEP_ORIGIN
from access.models import AccessRequest, AuditEntry, AuditSeal
from access.selectors import trail_of
from core.contributions.privacy import Ageing, Basis, Category, Delete, Goes, Perform, data, impersonal, personal

SEALS = dict.fromkeys(
    ("origin_salt", "origin_digest", "facts_salt", "facts_digest"), "Digests that prove the rest of the entry."
)
ORIGINS = ("ip", "user_agent", "session_id", "device_id")
STORY = (
    "user_id", "target_type", "target_id", "action", "category", "outcome", "channel", "trace_id", "decision_id",
    "reason", "details",
)  # fmt: skip
TRAIL = (
    data(Category.IDENTITY, "user_id target_type target_id"),
    data(Category.NETWORK, "ip user_agent origin_salt origin_digest", retention="90 days, then the network alone"),
    data(Category.DEVICE, "session_id device_id"),
    data(Category.ACTIVITY, "recorded_at action category outcome channel trace_id decision_id"),
    data(
        Category.CONTENT,
        "reason details facts_salt facts_digest",
        retention="until the account is erased; without end, what staff did at work to others",
    ),
)


def _forget_in_requests(user_id: UUID) -> int:
    """Blank what was written of somebody who was to get a role; what they wrote of others is no word about them."""
    about_them = AccessRequest.objects.filter(user_id=user_id).exclude(reason="", note="")
    return about_them.update(reason="", note="", rev=F("rev") + 1, updated_at=timezone.now())


personal(
    AuditEntry,
    "security_events",
    of=trail_of,
    purpose="Find out what was done to accounts, by whom, and prove it.",
    basis=Basis.LEGITIMATE_INTEREST,
    retention="without end, under an id; addresses lose their last part after 90 days",
    erase=Perform(
        redaction.redact,
        kept="What was done to the account and when, and what staff did at work to others and why, under an id that "
        "stands for nobody: proof against abuse, which nobody wipes by leaving.",
        until="The trail is never cut; it holds nothing that names the person.",
    ),
    withheld=SEALS | dict.fromkeys(ORIGINS, "May be others'. Your own are in `security_event_origins`."),
    ageing=(
        Ageing(
            "audit.coarsen_origins",
            after=KEEP_ORIGIN,
            since="recorded_at",
            within=redaction.between,
            change=redaction.coarsened,
            where=~Q(origin_salt=b""),
        ),
    ),
    data=TRAIL,
)
personal(
    AuditEntry,
    "security_event_origins",
    of=redaction.origins_of,
    purpose="Find out from where accounts were used, and attacked.",
    basis=Basis.LEGITIMATE_INTEREST,
    retention="as that of `security_events`",
    erase=Goes(along="security_events"),
    withheld=SEALS | dict.fromkeys(STORY, "In `security_events`, under the same id."),
    data=TRAIL,
)
personal(
    LogEntry,
    "staff_log",
    of=lambda user_id: Q(user=user_id) | Q(object_id=str(user_id)),
    purpose="Show staff what was changed through a screen.",
    basis=Basis.LEGITIMATE_INTEREST,
    retention="90 days",
    erase=Delete(),  # of staff, too: what a screen changes goes through a service, and so into the audit trail
    not_exported="Staff's own record of their work; the audit trail holds what concerns the person.",
    ageing=(Ageing("staff_log.delete", after=KEEP_ORIGIN, since="action_time"),),
    data=[
        data(Category.IDENTITY, "user content_type object_id object_repr"),
        data(Category.ACTIVITY, "action_time action_flag change_message"),
    ],
)
personal(
    AccessRequest,
    "access_requests",
    of=lambda user_id: Q(user_id=user_id) | Q(requested_by=user_id) | Q(decided_by=user_id),
    purpose="Let two people decide who gets staff powers, and know later who they were.",
    basis=Basis.LEGITIMATE_INTEREST,
    retention="as long as the audit trail, which refers to it",
    erase=Perform(
        _forget_in_requests,
        kept="Who asked for staff powers and who approved, under ids that stand for nobody, and their reasons where "
        "others were to get them: nobody wipes what they did to others by leaving.",
        until="As long as the audit trail, which refers to it.",
    ),
    data=[
        data(Category.IDENTITY, "user_id requested_by decided_by"),
        data(Category.ACTIVITY, "kind role scopes newest_member status expires_at decided_at"),
        data(Category.CONTENT, "reason note", retention="until the account that was to get it is erased"),
    ],
)
impersonal(AuditSeal, why="Positions and digests.")
impersonal(Session, why="Sessions of staff screens: a signed id, gone after half an hour of rest.")
personal(
    UserObjectPermission,
    "generic_permissions",
    of="user",
    purpose="None: shares have tables of their own, and this one of django-guardian's stays empty.",
    basis=Basis.LEGITIMATE_INTEREST,
    retention="never written",
    erase=Delete(),
    not_exported="Nothing is ever written to it.",
    data=[data(Category.IDENTITY, "user permission content_type object_pk")],
)
impersonal(GroupObjectPermission, why="Empty: shares have tables of their own.")
impersonal(Group, Group.permissions.through, Permission, ContentType, why="What roles there are, and what they may do.")
