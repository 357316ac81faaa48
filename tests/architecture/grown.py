"""Which tables have grown, and how their rows read: what decides over plans is how much of a table a query means."""

from tests.architecture.growth import (
    AGE,
    PEOPLE,
    PERSON,
    RARE,
    ROWS,
    WHEN_RARE,
    WORKSPACE,
    Grown,
    hour_after,
    numbered,
    older_than,
    one_in,
)

_OWN = {"user": PERSON}
ACCOUNTS = (
    Grown("accounts.User", {"id": numbered(1), "email": "'p' || n || '@example.com'", "is_active": "true"}),
    Grown("accounts.Workspace", {"id": numbered(2), "name": "'w'", "currency": "'USD'"}),
    Grown(
        "accounts.User_groups",
        {"user": numbered(1), "group": f"(SELECT id FROM auth_group WHERE name = {one_in('mentor', 'client', 7)})"},  # noqa: S608  constants
    ),
    Grown(
        "accounts.Membership",
        {"id": numbered(3), "user": numbered(1), "workspace": numbered(2), "role": "'owner'"},
    ),
    Grown("accounts.Device", {"id": numbered(4), "platform": "'ios'", "last_seen_at": older_than(90), **_OWN}),
    Grown(
        "accounts.DeviceSession",
        {
            "id": numbered(5),
            "device": numbered(4),
            "audience": "'gigvora-mobile-ios'",
            "rotated_at": AGE,
            "idle_expires_at": older_than(30),
            "expires_at": older_than(30),
            "revoked_at": f"CASE WHEN n % 11 = 0 THEN NULL ELSE {older_than(30)} END",
            **_OWN,
        },
    ),
    Grown(
        "accounts.MailedToken",
        {"digest": "'d' || n", "user": numbered(1), "expires_at": older_than(0)},
    ),
    Grown("accounts.Challenge", {"digest": "'d' || n", "user": numbered(1), "expires_at": older_than(0)}),
    Grown("accounts.IntegritySignal", {"device": numbered(4), "rooted": "true", "created_at": older_than(90)}),
)

ACCESS_AND_EVENTS = (
    Grown(
        "access.AuditEntry",
        {
            "id": numbered(6),
            "user_id": PERSON,
            "action": "'login.success'",
            "category": "'authentication'",
            "outcome": "'success'",
            "target_type": "'user'",
            "target_id": f"{PERSON}::text",
            "decision_id": f"CASE WHEN {WHEN_RARE} THEN 'dec_' || n ELSE '' END",
        },
    ),
    Grown(
        "access.AuditSeal",
        {"position": "n", "entry_id": numbered(6), "sealed_at": f"now() - ({ROWS} - n) * interval '1 minute'"},
        rows=ROWS - 200,
    ),
    Grown(
        "events.OutboxEvent",
        {"id": numbered(7), "name": "'x'", "aggregate_id": PERSON, "occurred_at": older_than(30)},
    ),
    Grown(
        "events.Delivery",
        {
            "event": numbered(7),
            "subscriber": one_in("calendar.mentor_sessions", "notifications.tell", 3),
            "aggregate_id": PERSON,
            "status": f"CASE WHEN {WHEN_RARE} THEN 'pending' WHEN n % {RARE} = 1 THEN 'dead' ELSE 'done' END",
            "due_at": AGE,
        },
    ),
    Grown(
        "events.Change",
        {
            "scope": f"'u:' || {PERSON}",
            "collection": one_in("events", "notifications", 3),
            "row_id": numbered(8),
            "xid": "n",
            "seq": "n",
            "op": one_in("d", "p"),
            "changed_at": older_than(90),
        },
    ),
    Grown(
        "events.Increment",
        {"scope": f"'u:' || {PERSON}", "collection": one_in("events", "notifications", 3), "number": "n"},
    ),
    Grown("core.IdempotencyRecord", {"user_id": PERSON, "key": "'k' || n", "created_at": older_than(1)}),
)

DOMAIN = (
    Grown(
        "calendar_app.Event",
        {
            "id": numbered(8),
            "owner": PERSON,
            "workspace": WORKSPACE,
            "shared_in": f"CASE WHEN n % 21 = 0 THEN {WORKSPACE} END",
            "public_id": f"{numbered(8)}::text",
            "uid": "'uid' || n",
            "title": "'Review'",
            "starts_at": AGE,
            "ends_at": hour_after(AGE),
            "is_series": "n % 51 = 0",
            "related_entity_id": one_in("e", "", 11),
            "updated_at": AGE,
        },
    ),
    Grown("calendar_app.Reminder", {"event": numbered(8), "occurrence_start": AGE, "due_at": older_than(0)}),
    Grown(
        "calendar_app.CalendarShare",
        {
            "owner": PERSON,
            "email": "'s' || n || '@example.com'",
            "member": numbered(1, f"(n + 1) % {PEOPLE}"),
            "accepted_at": AGE,
        },
    ),
    Grown(
        "notifications.Notification",
        {
            "id": numbered(9),
            "user": PERSON,
            "category": "'calendar'",
            "read_at": f"CASE WHEN n % 11 > 0 THEN {AGE} END",
        },
    ),
    Grown(
        "notifications.Delivery",
        {
            "notification": numbered(9),
            "channel": "'email'",
            "status": one_in("pending", "sent"),
            "due_at": AGE,
            "began_at": AGE,
        },
    ),
    Grown(
        "webhooks.Endpoint",
        {
            "id": numbered(10),
            "workspace": numbered(2),
            "url": "'https://example.com'",
            "events": "'[]'::jsonb",
            "status": "'active'",
        },
        rows=PEOPLE,
    ),
    Grown(
        "webhooks.Delivery",
        {
            "id": numbered(11),
            "endpoint": numbered(10, f"1 + n % {PEOPLE}"),
            "status": one_in("pending", "delivered"),
            "finished_at": f"CASE WHEN {WHEN_RARE} THEN NULL ELSE {AGE} END",
            "due_at": AGE,
            "created_at": older_than(30),
        },
    ),
    Grown("webhooks.Attempt", {"delivery": numbered(11), "number": "1"}),
)

_PLACE = {"latitude": "(n % 160) - 80", "longitude": "(n % 340) - 170"}
_WORDS = one_in("Potter", "Clerk")
MARKETPLACE = (
    Grown("explorer.Tag", {"slug": "'tag-' || n", "label": "'Tag'"}, rows=PEOPLE),
    Grown(
        "explorer.Listing",
        {
            "id": numbered(12),
            "owner": PERSON,
            "category": one_in("mentor", "job", 101),
            "title": f"({_WORDS}) || ' ' || md5((n % 5000)::text)",
            "status": "CASE WHEN n % 7 = 0 THEN 'closed' ELSE 'open' END",
            "published_at": AGE,
            "updated_at": AGE,
            **_PLACE,
        },
    ),
    Grown("explorer.ListingTag", {"listing": numbered(12), "tag": f"'tag-' || (1 + n % {PEOPLE})", "weight": "50"}),
    Grown("explorer.Engagement", {"user": PERSON, "listing": numbered(12), "kind": "'like'", "created_at": AGE}),
    Grown("explorer.Application", {"applicant": PERSON, "listing": numbered(12), "status": "'submitted'"}),
    Grown("explorer.Tally", {"listing_id": numbered(12), "kind": "'like'", "number": "1"}),
    Grown("explorer.Term", {"word": "md5(n::text)"}, rows=20_000),
)

_ACCOUNT = numbered(13)
_LIVE = "n % 21 = 0"
_SESSION = "(now() + n * interval '1 hour')"
MONEY_AND_MENTORS = (
    Grown(
        "finance.Account",
        {"id": _ACCOUNT, "workspace": numbered(2), "name": "'Wallet'", "kind": "'wallet'", "currency": "'USD'"},
    ),
    Grown(
        "finance.Transaction",
        {"id": numbered(14), "kind": "'payment'", "category": "'gig'", "reference": "'r' || n", "posted_at": AGE},
    ),
    Grown(
        "finance.Posting",
        {
            "id": numbered(15),
            "transaction": numbered(14),
            "account": numbered(13, f"n % {PEOPLE}"),
            "workspace": WORKSPACE,
            "number": "n",
            "amount": "100",
            "currency": "'USD'",
            "posted_at": AGE,
        },
    ),
    Grown(
        "finance.Payout",
        {
            "id": numbered(16),
            "account": numbered(13, f"n % {PEOPLE}"),
            "requested_by": PERSON,
            "amount": "1",
            "currency": "'USD'",
            "status": one_in("pending", "paid"),
        },
    ),
    Grown(
        "finance.LedgerExport",
        {
            "id": numbered(17),
            "user": PERSON,
            "workspace": WORKSPACE,
            "format": "'csv'",
            "starts_at": AGE,
            "ends_at": hour_after(AGE),
            "status": f"CASE WHEN {WHEN_RARE} THEN 'queued' WHEN n % {RARE} = 1 THEN 'ready' ELSE 'expired' END",
            "due_at": AGE,
            "expires_at": AGE,
        },
    ),
    Grown(
        "mentors.Mentor",
        {
            "id": numbered(1),
            "user": numbered(1),
            "status": one_in("approved", "pending", 7),
            "timezone": "'UTC'",
            "slot_minutes": "30",
            "durations": "'[30]'::jsonb",
        },
    ),
    Grown(
        "mentors.AvailabilityRule",
        {"mentor": numbered(1), "weekday": "1 + n % 7", "start_minute": "540", "end_minute": "600"},
    ),
    Grown(
        "mentors.AvailabilityException",
        {
            "mentor": numbered(1),
            "kind": "'closed'",
            "first_day": "date '2026-12-01'",
            "last_day": "date '2026-12-01'",
            "end_minute": "1440",
        },
    ),
    Grown(
        "mentors.MentorSession",
        {
            "id": numbered(18),
            "mentor": PERSON,
            "mentee": numbered(1, f"(n + 1) % {PEOPLE}"),
            "starts_at": _SESSION,
            "currency": "'USD'",
            "ends_at": hour_after(_SESSION),
            "held_from": _SESSION,
            "held_until": hour_after(_SESSION),
            "status": f"CASE WHEN {_LIVE} THEN 'requested' ELSE 'completed' END",
            "closed_at": f"CASE WHEN {_LIVE} THEN NULL ELSE {AGE} END",
        },
    ),
)

TABLES = {
    each.kind._meta.db_table: each
    for each in (*ACCOUNTS, *ACCESS_AND_EVENTS, *DOMAIN, *MARKETPLACE, *MONEY_AND_MENTORS)
}
