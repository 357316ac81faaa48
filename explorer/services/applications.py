"""Applying to listings, and what becomes of applications."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from access.types import Principal
from core.db.changes import lock, save_changes
from core.db.instances import insert
from core.errors import NotFound
from events.services import publish
from explorer.errors import AlreadyApplied, InvalidApplicationState, ListingClosed, OwnListing
from explorer.events import ApplicationDecided, ApplicationEvent, ApplicationSubmitted, ApplicationWithdrawn
from explorer.models import Application, Listing
from explorer.selectors import is_in_business
from explorer.types import DECIDABLE, ApplicationStatus, ListingStatus


@transaction.atomic
def apply(*, actor: Principal, listing_id: UUID, message: str = "") -> Application:
    """Apply to an open listing; anew, if an earlier application was withdrawn.

    Raises:
        NotFound: the actor may see no such listing, or its owner's account has just been closed.
        OwnListing: it is the actor's.
        ListingClosed: it takes no applications.
        AlreadyApplied: the actor has an application to it.
    """
    # Locked, so that nobody gets in while it is being closed.
    listing: Listing = lock(Listing.objects.shown().unblocked(actor), id=listing_id)
    if listing.owner_id == actor.user_id:
        raise OwnListing
    if listing.status != ListingStatus.OPEN:
        raise ListingClosed
    if not is_in_business(listing.owner_id):  # of which the listing itself tells a moment later
        raise NotFound
    earlier: Application | None = Application.objects.filter(applicant_id=actor.user_id, listing=listing).first()
    if earlier is None:
        application = insert(Application(applicant_id=actor.user_id, listing=listing, message=message))
    elif earlier.status == ApplicationStatus.WITHDRAWN:
        application = save_changes(earlier, status=ApplicationStatus.SUBMITTED, message=message, decided_at=None)
    else:
        raise AlreadyApplied
    _tell(ApplicationSubmitted, application, listing, actor)
    return application


@transaction.atomic
def withdraw_application(*, actor: Principal, application_id: UUID) -> Application:
    """Take an application back while it is undecided. Saying it twice changes nothing.

    Raises:
        NotFound: the actor sent no such application.
        InvalidApplicationState: it was decided.
    """
    application: Application = lock(Application.objects.filter(applicant_id=actor.user_id), id=application_id)
    if application.status == ApplicationStatus.WITHDRAWN:
        return application
    if application.status not in DECIDABLE:
        raise InvalidApplicationState
    save_changes(application, status=ApplicationStatus.WITHDRAWN)
    _tell(ApplicationWithdrawn, application, application.listing, actor)
    return application


@transaction.atomic
def decide_application(*, actor: Principal, application_id: UUID, status: ApplicationStatus) -> Application:
    """Shortlist, accept or decline an application to one of the actor's listings.

    Raises:
        NotFound: the actor has no such listing with such an application.
        InvalidApplicationState: it was decided before, or withdrawn.
    """
    received = Listing.objects.filter(owner_id=actor.user_id).values("id")
    application: Application = lock(Application.objects.filter(listing__in=received), id=application_id)
    if application.status == status:
        return application
    if application.status not in DECIDABLE:
        raise InvalidApplicationState
    save_changes(application, status=status, decided_at=timezone.now())
    _tell(ApplicationDecided, application, application.listing, actor, status=status.value)
    return application


def _tell(
    event: type[ApplicationEvent], application: Application, listing: Listing, actor: Principal, **details: str
) -> None:
    publish(
        event(
            aggregate_id=application.id,
            listing_id=listing.id,
            owner_id=listing.owner_id,
            applicant_id=application.applicant_id,
            **details,
        ),
        actor_id=actor.user_id,
    )
