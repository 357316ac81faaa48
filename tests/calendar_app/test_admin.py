"""The calendar in the staff site: to be looked at alone."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.test import RequestFactory

from calendar_app.models import Event, Reminder, Subscription


@pytest.mark.parametrize("model", [Event, Reminder, Subscription])
def test_admin__even_of_a_superuser__changes_nothing(model: Any) -> None:
    request = RequestFactory().get("/")
    request.user = get_user_model()(is_active=True, is_staff=True, is_superuser=True)

    assert admin.site._registry[model].get_model_perms(request) == {
        "add": False, "change": False, "delete": False, "view": True,
    }  # fmt: skip
