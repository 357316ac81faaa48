"""What is written late into the home of somebody who is erased, where only their membership leads to it."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Membership, Workspace
from events import services as events
from finance.models import Account
from privacy import shredder
from privacy.inventory import declarations
from privacy.models import Erasure
from privacy.services import erasing
from tests.accounts.actors import SignedInClient
from tests.privacy.test_erasing import counted, go_on
from webhooks.models import Endpoint

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(client: SignedInClient) -> Workspace:
    """Of somebody whose erasure has done all its steps, and not looked again."""
    home = Workspace.objects.get(memberships__user_id=client.principal.user_id)
    client.delete("/v1/auth/me")
    events.dispatch()
    Erasure.objects.update(executes_at=timezone.now())
    for seconds in (0, 31):  # closing the account is told of first
        with time_machine.travel(timezone.now() + timedelta(seconds=seconds)):
            erasing.erase_due()
            events.dispatch()
    return home


def test_erase__rows_written_late_into_the_home__go_and_so_does_the_membership(home: Workspace) -> None:
    user_id = Erasure.objects.get().user_id
    Workspace.objects.filter(id=home.id).update(name="Zyxomma Ltd")
    account = Account.objects.create(workspace=home, name="Divorce", kind="savings", currency="USD", position=9)
    Endpoint.objects.create(workspace=home, url="https://zyxomma.example/", events=["*"], sealed_secret=b"x")

    go_on()

    assert Erasure.objects.get().status == "done"
    home.refresh_from_db()
    account.refresh_from_db()
    assert (home.name, account.name, account.owner_id) == ("Closed workspace", "Account", user_id)
    assert not Endpoint.objects.exists()
    assert not Membership.objects.filter(user=user_id).exists()
    assert counted("memberships") == 1


def test_erase__memberships_going_last__leave_no_trace_behind(home: Workspace) -> None:
    user_id = Erasure.objects.get().user_id
    go_on()

    assert Erasure.objects.get().status == "done"
    gone = [each for each in declarations() if not shredder.stays(each.erase)]
    assert [each.collection for each in gone if shredder.of(each, user_id).exists()] == ["events"]  # of the end itself


def test_erase__killed_between_the_last_steps_and_the_end__ends(
    home: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(erasure: Erasure) -> None:
        raise SystemExit

    with monkeypatch.context() as patch, time_machine.travel(timezone.now() + timedelta(minutes=3)):
        patch.setattr(erasing, "_finish", die)
        with pytest.raises(SystemExit):
            erasing.erase_due()
    go_on()

    assert Erasure.objects.get().status == "done"
    assert counted("memberships") == 1
