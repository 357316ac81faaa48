"""The calendar in the staff site: to be looked at alone."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.test import RequestFactory

from access.selectors import security_events_of
from accounts.models import User
from calendar_app.models import Event, Reminder, Subscription


@pytest.mark.parametrize("model", [Event, Reminder, Subscription])
def test_admin__even_of_a_superuser__changes_nothing(model: Any) -> None:
    request = RequestFactory().get("/")
    request.user = get_user_model()(is_active=True, is_staff=True, is_superuser=True)

    assert admin.site._registry[model].get_model_perms(request) == {
        "add": False, "change": False, "delete": False, "view": True,
    }  # fmt: skip


def test_subscription__revoked_by_staff__stops_and_its_owner_can_see_it(freelancer: User, staff: User) -> None:
    Subscription.objects.create(owner=freelancer, token_digest="d" * 64)
    request = RequestFactory().post("/")
    request.user = staff

    screen = admin.site._registry[Subscription]
    screen.revoke(request, Subscription.objects.all())  # type: ignore[attr-defined]

    assert not Subscription.objects.exists()
    [event] = security_events_of(freelancer.id).filter(action="session.revoked")
    assert (event.user_id, event.reason) == (staff.id, "calendar subscription revoked by staff")


def test_subscription__seen_by_support__offers_no_action(support: User) -> None:
    request = RequestFactory().get("/")
    request.user = support

    assert admin.site._registry[Subscription].get_actions(request) == {}
