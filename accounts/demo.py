"""One person of every kind, for development only."""

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.selectors import find_by_email
from accounts.services.registration import add_account
from core.contributions.demo import Progress, demo_data
from core.contributions.scopes import Persona

DOMAIN = "demo.gigvora.com"
PASSWORD = "demo-Pass-2026!"  # noqa: S105  public, and refused in production together with the whole command

_PEOPLE = (
    ("freelancer", "Frida Lance", Persona.FREELANCER, "Europe/Berlin"),
    ("client", "Clemens Kunde", Persona.CLIENT, "Europe/London"),
    ("mentor", "Mena Toring", Persona.MENTOR, "America/New_York"),
    ("support", "Sam Porter", Persona.SUPPORT, "UTC"),
    ("lead", "Lena Deeds", Persona.SUPPORT_LEAD, "UTC"),
    ("marketing", "Mark Etting", Persona.MARKETING, "UTC"),
    ("finance", "Fina Nance", Persona.FINANCE_OPS, "UTC"),
    ("admin", "Ada Min", Persona.ADMIN, "UTC"),
)
_STAFF = {Persona.SUPPORT, Persona.SUPPORT_LEAD, Persona.MARKETING, Persona.FINANCE_OPS, Persona.ADMIN}


@demo_data("accounts", order=10)
def seed_demo_accounts(progress: Progress) -> None:
    """Create whoever of the demo people is missing."""
    password = make_password(PASSWORD)
    for done, (mailbox, full_name, persona, time_zone) in enumerate(_PEOPLE, start=1):
        email = f"{mailbox}@{DOMAIN}"
        if find_by_email(email) is None:
            _add(User(email=email, full_name=full_name, timezone=time_zone, password=password), persona)
        progress(done / len(_PEOPLE))


def _add(user: User, persona: Persona) -> None:
    user.email_verified_at = timezone.now()
    user.is_staff = persona in _STAFF
    user.is_superuser = persona is Persona.ADMIN
    with transaction.atomic():
        add_account(user, persona=persona)
