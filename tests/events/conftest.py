"""Collections of these tests alone: `facts` (outbox events, in two scopes) and `people` (with a `rev`)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model

from core.contributions import events as event_declarations
from core.contributions import feed as feed_declarations
from events import services
from events.models import OutboxEvent


@pytest.fixture
def tracked_facts(db: None) -> Iterator[None]:
    """Track outbox events as `facts` in `u:<actor_id>` and `a:<aggregate_id>`, and as `notes` for everybody."""
    feed_declarations.tracked(OutboxEvent, "facts", u="actor_id", a="aggregate_id")
    feed_declarations.tracked(OutboxEvent, "notes")
    feed_declarations.tracked(get_user_model(), "people", u="id", l="locale")
    feed_declarations.tracked(apps.get_model("accounts", "Device"), "phones", u="user")
    services.install_feed()
    yield
    for collection in ("facts", "notes", "people", "phones"):
        del feed_declarations._tracked[collection]
    services.install_feed()


@pytest.fixture
def subscriptions(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """No subscribers but those that the test declares."""
    mine: dict[str, Any] = {}
    monkeypatch.setattr(event_declarations, "_subscriptions", mine)
    return mine
