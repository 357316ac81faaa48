"""Opening an account."""

from django.db import IntegrityError, transaction

from access.services import grant_role
from accounts import passwords
from accounts.addresses import canonical
from accounts.errors import EmailUnavailable
from accounts.events import FreelancerRegistered
from accounts.models import DeviceSession, Membership, User, Workspace
from accounts.selectors import is_reserved
from accounts.services import sessions
from accounts.types import DeviceClaim, Method
from core.contributions.scopes import Persona
from events.services import publish


def register(*, email: str, password: str, full_name: str = "", device: DeviceClaim) -> DeviceSession:
    """Open an account with a workspace of its own and sign it in; who hears of it mails a link to confirm the address.

    Raises:
        EmailUnavailable: the address has an account.
        Invalid: the address or the password is not acceptable.
    """
    user = User(email=canonical(email), full_name=full_name)
    passwords.check_acceptable(password, user=user)
    if User.objects.filter(email=user.email).exists():
        raise EmailUnavailable
    user.set_password(password)  # outside of the transaction: it takes long
    with transaction.atomic():
        add_account(user, persona=Persona.FREELANCER)
        session = sessions.start(user=user, claim=device, methods=(Method.PASSWORD,))
        publish(
            FreelancerRegistered(aggregate_id=user.id, locale=user.locale, timezone=user.timezone), actor_id=user.id
        )
    return session


def add_account(user: User, *, persona: Persona) -> None:
    """Store a new person with a first role and a workspace of their own, in the caller's transaction.

    Raises:
        EmailUnavailable: it is taken, just now or by somebody who may want it back.
    """
    if is_reserved(user.email):
        raise EmailUnavailable
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        raise EmailUnavailable from error
    workspace = Workspace.objects.create(name=user.full_name or "My workspace", is_personal=True)
    Membership.objects.create(workspace=workspace, user=user, role=Membership.Role.OWNER)
    grant_role(actor=None, user_id=user.id, role=persona, reason="registered")
