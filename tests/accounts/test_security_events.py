"""What owners are told of their account."""

import pytest

from access.services import record
from accounts.models import User
from core import context
from tests.accounts.actors import SignIn

pytestmark = pytest.mark.django_db
FROM = {"ip_address": "192.0.2.7", "user_agent": "Safari"}


@pytest.mark.parametrize(
    ("actor", "told"),
    [("owner", FROM), ("nobody", FROM), ("staff", {"ip_address": None, "user_agent": None})],
)
def test_event__done_by__tells_from_where_unless_staff_did_it(
    freelancer: User, staff: User, sign_in: SignIn, actor: str, told: dict[str, str | None]
) -> None:
    client = sign_in(freelancer)
    who = {"owner": freelancer.id, "staff": staff.id, "nobody": None}[actor]
    with context.scope(context.Context(client_ip=FROM["ip_address"], user_agent=FROM["user_agent"])):
        record(action="login.failure", outcome="failure", user_id=who, target_type="user", target_id=freelancer.id)

    newest = client.get("/v1/security/events").json()["data"][0]
    shown = client.get("/v1/security").json()["recent_events"][0]

    assert {name: newest[name] for name in FROM} == {name: shown[name] for name in FROM} == told
