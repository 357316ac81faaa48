"""What staff are told where a service refuses."""

from typing import Any
from unittest.mock import Mock

import pytest
from django.contrib import messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.test import RequestFactory

from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.screens import refusals_as_messages, said_by


@pytest.fixture
def request_with_messages(rf: RequestFactory) -> Any:
    request: Any = rf.post("/")
    request._messages = CookieStorage(request)
    return request


def test_refusals__are_told_row_by_row__and_the_rows_after_are_done(request_with_messages: Any) -> None:
    done = Mock(side_effect=[NotFound(), None, Conflict("Too late.")])
    for row in ("first", "second", "third"):
        with refusals_as_messages(request_with_messages, row):
            done()
    told = [(each.level_tag, each.message) for each in messages.get_messages(request_with_messages)]
    assert told == [("warning", "first: There is nothing here."), ("warning", "third: Too late.")]


def test_refusals__leave_faults_of_ours_alone(request_with_messages: Any) -> None:
    with pytest.raises(ZeroDivisionError), refusals_as_messages(request_with_messages):
        1 / 0  # noqa: B018


def test_said_by__names_the_first_field_and_what_is_missing() -> None:
    assert said_by(Invalid.field("reason", "Say why.")) == "Say why."
    assert said_by(Invalid("Not like that.")) == "Not like that."
    assert said_by(Forbidden("Not yours.", missing=["a", "b"])) == "Not yours. Missing: a, b."
