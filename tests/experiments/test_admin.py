"""The screen of flags, as staff of each kind use it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from access.models import AuditEntry
from accounts.models import User
from core.contributions.flags import Flag
from experiments import services
from experiments.held import read_settings
from experiments.models import FeatureFlag
from experiments.types import Setting, State
from finance.flags import WALLET_INSIGHTS
from tests.accounts.actors import PrincipalOf

pytestmark = pytest.mark.django_db
FLAGS = f"/{settings.STAFF_PATH}experiments/featureflag/"
AS_IT_IS = {"state": "declared", "rollout": 100, "since": "", "before": "", "always_on": "", "always_off": ""}
At = Callable[[User], Client]


@pytest.fixture
def at_the_screen() -> At:
    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def trial(trial: Flag) -> Flag:
    services.synchronise()
    return trial


def page(name: str) -> str:
    return f"{FLAGS}{FeatureFlag.objects.get(name=name).pk}/change/"


def test_flags__list__shows_each_with_its_setting(at_the_screen: At, support_lead: User) -> None:
    shown = at_the_screen(support_lead).get(FLAGS).content.decode()

    assert WALLET_INSIGHTS.name in shown
    assert WALLET_INSIGHTS.description in shown
    assert "has no effect" not in shown


@pytest.mark.parametrize("nobody", ["support", "marketer", "finance_officer"])
def test_flags__staff_who_may_not_set_them__see_nothing(
    at_the_screen: At, request: pytest.FixtureRequest, nobody: str
) -> None:
    client = at_the_screen(request.getfixturevalue(nobody))

    assert (client.get(FLAGS).status_code, client.get(page(WALLET_INSIGHTS.name)).status_code) == (403, 403)
    assert client.post(page(WALLET_INSIGHTS.name), {**AS_IT_IS, "state": "off", "reason": "trial"}).status_code == 403
    assert read_settings()[WALLET_INSIGHTS.name] == Setting()


@pytest.mark.usefixtures("trial")
def test_flag__set_on_the_screen__holds_and_is_on_record(
    at_the_screen: At, support_lead: User, freelancer: User, buyer: User, principal_of: PrincipalOf
) -> None:
    workspace = str(principal_of(buyer).workspace_id)
    given = {
        "state": "on",
        "rollout": 25,
        "roles": ["mentor", "agency"],
        "platforms": ["ios"],
        "since": "2024.08",
        "before": "2024.10.2",
        "always_on": f"{freelancer.email}\n{workspace}",
        "always_off": buyer.email,
        "reason": "Mentors first.",
    }

    answer = at_the_screen(support_lead).post(page("trial"), given)

    assert answer.status_code == 302
    assert read_settings()["trial"] == Setting(
        state=State.ON,
        rollout=25,
        roles=frozenset({"mentor", "agency"}),
        platforms=frozenset({"ios"}),
        since="2024.08",
        before="2024.10.2",
        always_on=frozenset({str(freelancer.id), workspace}),
        always_off=frozenset({str(buyer.id)}),
    )
    entry = AuditEntry.objects.get(action="flag.set")
    assert (entry.user_id, entry.target_id, entry.reason) == (support_lead.id, "trial", "Mentors first.")
    assert freelancer.email in at_the_screen(support_lead).get(page("trial")).content.decode()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"rollout": 101}, "less than or equal to 100"),
        ({"since": "9.1"}, "Write versions like"),
        ({"since": "2024.09", "before": "2024.08"}, "No version is both"),
        ({"always_on": "nobody@example.com"}, "nobody with the address nobody@example.com"),
        ({"always_on": "somebody"}, "neither an address nor an id"),
        ({"always_on": "018f0000-0000-7000-8000-000000000001"}, "nobody and no workspace with the id"),
        ({"reason": ""}, "required"),
    ],
)
def test_flag__set_wrongly__says_why_and_changes_nothing(
    at_the_screen: At, support_lead: User, trial: Flag, wrong: dict[str, Any], told: str
) -> None:
    answer = at_the_screen(support_lead).post(page("trial"), {**AS_IT_IS, "state": "on", "reason": "x", **wrong})

    assert answer.status_code == 200
    assert told in answer.content.decode()
    assert read_settings()["trial"] == Setting()


def test_flag__that_no_app_declares_any_more__is_shown_and_cannot_be_set(at_the_screen: At, support_lead: User) -> None:
    FeatureFlag.objects.create(name="retired")
    client = at_the_screen(support_lead)

    assert "No app declares it any more." in client.get(FLAGS).content.decode()
    assert client.post(page("retired"), {**AS_IT_IS, "state": "on", "reason": "x"}).status_code == 403


def test_flags__launchdarkly_decides__the_screen_says_so(at_the_screen: At, support_lead: User, settings: Any) -> None:
    settings.LAUNCHDARKLY = {"sdk_key": "sdk-live", "relay_url": ""}

    assert "LaunchDarkly decides here" in at_the_screen(support_lead).get(FLAGS).content.decode()
