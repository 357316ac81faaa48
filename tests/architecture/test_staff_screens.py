"""What every list of the staff site holds to, whichever app it belongs to."""

from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.admin import FieldListFilter
from django.db.models import Field, Model
from django.test import Client, RequestFactory

from accounts.models import User

pytestmark = pytest.mark.django_db
LISTS = sorted(admin.site._registry, key=lambda model: model._meta.label)
every_list = pytest.mark.parametrize("model", LISTS, ids=lambda model: model._meta.label)


def _address(model: type[Model]) -> str:
    return f"/{settings.STAFF_PATH}{model._meta.app_label}/{model._meta.model_name}/"


@pytest.fixture
def browser(staff: User) -> Client:
    User.objects.filter(id=staff.id).update(is_superuser=True)
    client = Client()
    client.force_login(staff)
    return client


@every_list
def test_list__narrowed_by_a_column_that_it_offers_no_filter_for__is_refused(
    browser: Client, model: type[Model]
) -> None:
    offered = {str(each[0] if isinstance(each, tuple) else each) for each in admin.site._registry[model].list_filter}
    hidden = [
        each.name
        for each in model._meta.get_fields()
        if isinstance(each, Field) and each.name not in {"id", *offered, admin.site._registry[model].date_hierarchy}
    ]
    for name in hidden:
        for lookup in ("startswith", "regex", "gte", "exact", "isnull"):
            answer = browser.get(_address(model), {f"{name}__{lookup}": "("})
            assert answer.status_code == 400, (name, lookup)


@every_list
def test_list__narrowed_as_it_offers__is_shown(browser: Client, staff: User, model: type[Model]) -> None:
    screen: Any = admin.site._registry[model]
    request: Any = RequestFactory().get("/")
    request.user = staff
    shown = screen.get_changelist_instance(request)
    offers = [
        choice["query_string"]
        for spec in shown.filter_specs
        if isinstance(spec, FieldListFilter)
        for choice in spec.choices(shown)
    ]
    for query in {*offers, "?q=a", "?o=1"}:
        assert browser.get(_address(model) + query).status_code == 200, query
