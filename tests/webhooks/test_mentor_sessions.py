"""Sessions with mentors, as the integrators of both parties hear of them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from access.types import Principal
from accounts.models import User
from core.http.access import Audience
from mentors import events
from tests.accounts.actors import PrincipalOf
from tests.webhooks.receiver import Receiver
from tests.webhooks.test_sending import happen
from webhooks import services
from webhooks.models import Delivery, Endpoint
from webhooks.publicity import public_events

pytestmark = pytest.mark.django_db

LIFECYCLE = ("requested", "approved", "declined", "rescheduled", "cancelled", "expired", "completed")
NAMES = [f"mentor.session.{what}" for what in LIFECYCLE]
STARTS = datetime(2026, 12, 4, 17, 30, tzinfo=UTC)
SESSION = uuid4()


def requested(mentor: User, mentee: User) -> events.SessionRequested:
    return events.SessionRequested(
        aggregate_id=SESSION, mentor_id=mentor.id, mentee_id=mentee.id, starts_at=STARTS,
        ends_at=STARTS + timedelta(hours=1), timezone="Europe/London", mentor_timezone="Europe/Berlin",
        topic="My divorce", status="requested", reason="Between us",
    )  # fmt: skip


def subscribed(actor: Principal, receiver: Receiver) -> Endpoint:
    return services.register_endpoint(actor=actor, url=receiver.address, events=NAMES)


def subjects() -> dict[UUID, UUID | None]:
    """Endpoint -> whom its delivery is about."""
    return dict(Delivery.objects.values_list("endpoint_id", "subject_id"))


def test_lifecycle__whole__is_public_without_what_people_wrote() -> None:
    shown = {name: set(event.fields) for name, event in public_events().items() if name.startswith("mentor.session.")}

    assert shown == {name: {"id", "mentor_id", "mentee_id", "starts_at", "ends_at", "status"} for name in NAMES}


def test_session__requested__reaches_the_workspaces_of_both_and_nobody_else(
    receiver: Receiver, agency: User, freelancer: User, other_freelancer: User, principal_of: PrincipalOf
) -> None:
    theirs, ours, _ = (subscribed(principal_of(who, Audience.WEB), receiver) for who in (
        freelancer, agency, other_freelancer))  # fmt: skip
    receiver.secrets += [theirs.secret, ours.secret]

    event_id = happen(requested(freelancer, agency))

    assert subjects() == {theirs.id: freelancer.id, ours.id: agency.id}
    assert services.deliver_due() == 2
    [told] = receiver.events.values()
    assert receiver.deliveries == {str(event_id): 2}
    assert (told["type"], told["channel"]) == ("mentor.session.requested", "mobile-ios")
    assert told["data"] == {
        "id": str(SESSION), "mentor_id": str(freelancer.id), "mentee_id": str(agency.id),
        "starts_at": "2026-12-04T17:30:00Z", "ends_at": "2026-12-04T18:30:00Z", "status": "requested",
    }  # fmt: skip


def test_session__for_the_platform__is_told_once_and_is_about_the_mentor(
    receiver: Receiver, agency: User, freelancer: User, staff: User
) -> None:
    endpoint = services.register_platform_endpoint(actor_id=staff.id, url=receiver.address, events=NAMES)

    happen(requested(freelancer, agency))

    assert subjects() == {endpoint.id: freelancer.id}
