"""What becomes of calendar shares when somebody is erased to whom one was offered."""

import pytest
from django.utils import timezone

from accounts.models import User
from calendar_app.models import CalendarShare
from core.contributions.privacy import personal_data
from privacy import shredder
from tests.accounts.actors import MakeUser

pytestmark = pytest.mark.django_db

[SHARES] = [each for each in personal_data() if each.collection == "calendar_shares"]


@pytest.mark.parametrize("written", ["mia@xn--bcher-kva.example", "mia@bücher.example"])
def test_erase__calendar_offered_and_not_taken__goes_with_the_address(make_user: MakeUser, written: str) -> None:
    owner, mia = make_user(email="olga@example.com"), make_user(email="mia@xn--bcher-kva.example")
    CalendarShare.objects.create(owner=owner, email=written, level="view")
    others = CalendarShare.objects.create(owner=owner, email="mia@example.com", level="view")

    assert shredder.shred(SHARES, mia.id) == 1

    assert CalendarShare.objects.get() == others
    assert User.objects.get(id=mia.id).email == mia.email


def test_erase__offer_that_somebody_else_took_up__stays(make_user: MakeUser) -> None:
    owner, mia, heir = (make_user(email=f"{name}@example.com") for name in ("olga", "mia", "heir"))
    CalendarShare.objects.create(owner=owner, member=heir, email=mia.email, level="view", accepted_at=timezone.now())

    assert shredder.shred(SHARES, mia.id) == 0
