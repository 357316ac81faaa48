"""Staff decide about mentors; demo data is there once."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.messages.storage.fallback import FallbackStorage
from django.test import RequestFactory

from access.models import AuditEntry
from access.selectors import grants_of
from accounts.demo import seed_demo_accounts
from accounts.models import User
from calendar_app.models import Event
from events.services import dispatch
from mentors import services
from mentors.demo import seed_demo_mentors
from mentors.errors import OwnApplication
from mentors.models import Mentor, MentorSession
from mentors.scopes import MANAGE
from tests.accounts.actors import PrincipalOf

pytestmark = pytest.mark.django_db


def request_of(user: User) -> Any:
    request: Any = RequestFactory().post("/")
    request.user, request.session = user, {}
    request._messages = FallbackStorage(request)
    return request


@pytest.mark.parametrize("model", [Mentor, MentorSession])
def test_screens__of_a_support_lead__show_and_change_nothing_by_hand(support_lead: User, model: Any) -> None:
    assert admin.site._registry[model].get_model_perms(request_of(support_lead)) == {
        "add": False, "change": False, "delete": False, "view": True,
    }  # fmt: skip


def test_screen__of_support__offers_nothing(support: User) -> None:
    screen = admin.site._registry[Mentor]

    assert not screen.has_module_permission(request_of(support))
    assert screen.get_actions(request_of(support)) == {}


def test_actions__approve_and_suspend__decide_and_say_what_is_not_possible(
    support_lead: User, other_freelancer: User, principal_of: PrincipalOf
) -> None:
    services.apply_as_mentor(actor=principal_of(other_freelancer), headline="Rust")
    screen: Any = admin.site._registry[Mentor]
    request = request_of(support_lead)

    assert set(screen.get_actions(request)) == {"approve", "reject", "suspend"}
    screen.approve(request, Mentor.objects.all())
    assert MANAGE in grants_of(other_freelancer.pk).scopes
    screen.reject(request, Mentor.objects.all())
    assert [str(message) for message in request._messages] == ["Rust: A mentor who is approved cannot become rejected."]
    screen.suspend(request, Mentor.objects.all())

    assert MANAGE not in grants_of(other_freelancer.pk).scopes
    assert AuditEntry.objects.get(action="mentor.suspended").user_id == support_lead.pk


@pytest.mark.parametrize("decide", [services.approve_mentor, services.reject_mentor, services.suspend_mentor])
def test_decide__about_oneself__is_a_colleagues(support_lead: User, principal_of: PrincipalOf, decide: Any) -> None:
    services.apply_as_mentor(actor=principal_of(support_lead), headline="Rust")
    if decide is services.suspend_mentor:
        services.approve_mentor(actor_id=None, mentor_id=support_lead.pk)
    before = Mentor.objects.values().get()

    with pytest.raises(OwnApplication):
        decide(actor_id=support_lead.pk, mentor_id=support_lead.pk, note="I know best")

    assert Mentor.objects.values().get() == before


def test_action__approve_oneself__is_refused_and_said(support_lead: User, principal_of: PrincipalOf) -> None:
    services.apply_as_mentor(actor=principal_of(support_lead), headline="Rust")
    screen: Any = admin.site._registry[Mentor]
    request = request_of(support_lead)

    screen.approve(request, Mentor.objects.all())

    assert [str(message) for message in request._messages] == [f"Rust: {OwnApplication.detail}"]
    assert Mentor.objects.get().status == "pending"


def test_demo__seeded_twice__is_there_once_and_stands_in_calendars(clock: Any) -> None:
    for seed in (seed_demo_accounts, seed_demo_mentors, seed_demo_mentors):
        seed(lambda share: None)
    while dispatch():
        pass

    mentor = Mentor.objects.get()
    assert (mentor.status, mentor.rules.count(), mentor.exceptions.count()) == ("approved", 6, 1)
    assert MentorSession.objects.live().count() == 2
    assert Event.objects.filter(source="mentors", owner_id=mentor.id).count() == 4
