"""Two phones at once."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.cache import cache
from django.utils import timezone

from access.selectors import count_admins
from accounts.models import User
from core.contributions.scopes import Persona
from core.testing.races import race, repeat, winners
from events import services as events
from privacy.models import ConsentEntry, Erasure, Export, Tombstone
from privacy.services import deletion, erasing, exports
from tests.accounts.actors import MakeUser, SignIn, principal_behind
from tests.accounts.actors import sign_in as begin

pytestmark = pytest.mark.django_db(transaction=True)


def test_deletion__asked_for_on_five_phones_at_once__is_one(freelancer: User, sign_in: SignIn) -> None:
    phones = [sign_in(freelancer) for _ in range(5)]

    answers = winners(race(*[lambda phone=phone: phone.delete("/v1/auth/me") for phone in phones]))

    assert Erasure.objects.filter(status="scheduled").count() == 1
    # A phone that comes late finds its session ended already; nobody sees a failure of ours.
    assert {answer.status_code for answer in answers} <= {202, 401}
    assert 202 in {answer.status_code for answer in answers}


def test_export__asked_for_on_five_phones_at_once__is_one(freelancer: User, sign_in: SignIn) -> None:
    phones = [sign_in(freelancer) for _ in range(5)]

    answers = winners(race(*[lambda phone=phone: phone.post("/v1/privacy/exports") for phone in phones]))

    assert {answer.status_code for answer in answers} == {202}
    assert {answer.json()["id"] for answer in answers} == {str(Export.objects.get().id)}


def test_export__downloaded_ten_times_at_once__is_handed_out_once(freelancer: User, sign_in: SignIn) -> None:
    client = sign_in(freelancer)
    export_id = client.post("/v1/privacy/exports").json()["id"]
    exports.make_due()

    answers = winners(race(*repeat(lambda: client.get(f"/v1/privacy/exports/{export_id}/download"), 10)))

    assert sorted(answer.status_code for answer in answers) == [200, *[410] * 9]


def test_erase__four_workers_at_once__erase_once(freelancer: User, sign_in: SignIn) -> None:
    sign_in(freelancer).delete("/v1/auth/me")
    Erasure.objects.update(executes_at=timezone.now() - timedelta(seconds=1))

    worked = winners(race(*repeat(erasing.erase_due, 4)))

    assert sum(worked) == 1
    assert Tombstone.objects.count() <= 1


def test_gpc__of_ten_requests_at_once__is_honoured(freelancer: User, sign_in: SignIn) -> None:
    client = sign_in(freelancer)
    cache.clear()

    answers = winners(race(*repeat(lambda: client.get("/v1/devices", HTTP_SEC_GPC="1"), 10)))

    assert {answer.status_code for answer in answers} == {200}
    assert ConsentEntry.objects.filter(given=False).count() >= 1
    assert client.get("/v1/privacy").json()["do_not_sell"] is True


def test_deletion__asked_for_in_the_app_and_confirmed_by_mail_at_once__is_one(make_user: MakeUser) -> None:
    for _ in range(8):
        user = make_user()
        phone = principal_behind(begin(user))
        deletion.mail_confirmation(user_id=user.id)
        token = str(mail.outbox[-1].body).partition("/privacy/delete-account/")[2].split()[0]

        answers = race(lambda: deletion.schedule(actor=phone), lambda: deletion.confirm(token=token))  # noqa: B023

        assert [answer.status for answer in winners(answers)] == ["scheduled", "scheduled"], answers


def test_deletion__asked_for_in_the_app_while_a_mail_is_made__is_one(make_user: MakeUser) -> None:
    for _ in range(8):
        user = make_user()
        phone = principal_behind(begin(user))

        answers = race(
            lambda: deletion.schedule(actor=phone),  # noqa: B023
            lambda: deletion.mail_confirmation(user_id=user.id),  # noqa: B023
            lambda: deletion.schedule_for(user_id=user.id),  # noqa: B023
        )

        assert len(winners(answers)) == 3, answers
        assert Erasure.objects.filter(user_id=user.id).values_list("status", flat=True).get() == "scheduled"


def test_erase__the_last_two_admins_by_two_workers__leaves_one(make_user: MakeUser) -> None:
    for user in [make_user(persona=Persona.ADMIN, is_staff=True) for _ in range(2)]:
        deletion.schedule(actor=principal_behind(begin(user)))
    events.dispatch()
    Erasure.objects.update(executes_at=timezone.now() - timedelta(seconds=1))

    race(*repeat(erasing.erase_due, 2))

    assert count_admins() == 1
    assert sorted(Erasure.objects.values_list("status", flat=True)) == ["running", "scheduled"]
