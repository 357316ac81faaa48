"""A view that belongs to a feature is gone while the feature is off, and no answer from before is left."""

from unittest.mock import ANY

import pytest

from accounts.models import User
from core.http.access import Audience
from experiments.types import State
from finance.flags import WALLET_INSIGHTS
from tests.accounts.actors import SignIn
from tests.experiments.conftest import SetFlag

pytestmark = pytest.mark.django_db
INSIGHTS = "/mobile/v2/wallet/insights"


@pytest.mark.parametrize("path", [INSIGHTS, "/v1/finance/insights", "/api/finance/insights"])
def test_insights__switched_off__are_gone_on_every_surface(
    freelancer: User, sign_in: SignIn, set_flag: SetFlag, path: str
) -> None:
    client = sign_in(freelancer, Audience.ANDROID)
    set_flag(WALLET_INSIGHTS, State.OFF)

    answer = client.get(path)

    assert answer.status_code == 404
    assert answer["Cache-Control"] == "no-store"
    assert answer.json() == {
        "type": ANY,
        "title": "Not Found",
        "status": 404,
        "detail": "This feature is not available at the moment.",
        "message": "This feature is not available at the moment.",
        "instance": path,
        "code": "feature_disabled",
        "trace_id": answer["X-Trace-Id"],
    }


def test_insights__switched_off__neither_tag_nor_kept_body_brings_them_back(
    freelancer: User, sign_in: SignIn, set_flag: SetFlag
) -> None:
    client = sign_in(freelancer)
    first, second = client.get(INSIGHTS), client.get(INSIGHTS)
    tag = second["ETag"]
    assert (first.status_code, client.get(INSIGHTS, HTTP_IF_NONE_MATCH=tag).status_code) == (200, 304)

    set_flag(WALLET_INSIGHTS, State.OFF)
    off = [client.get(INSIGHTS).status_code, client.get(INSIGHTS, HTTP_IF_NONE_MATCH=tag).status_code]
    set_flag(WALLET_INSIGHTS, State.ON)
    on = [client.get(INSIGHTS).status_code, client.get(INSIGHTS, HTTP_IF_NONE_MATCH=tag).status_code]

    assert (off, on) == ([404, 404], [200, 304])


def test_insights__on_for_newer_apps_alone__are_gone_for_older_ones(
    freelancer: User, sign_in: SignIn, set_flag: SetFlag
) -> None:
    client = sign_in(freelancer)
    set_flag(WALLET_INSIGHTS, since="2024.09")

    assert client.get(INSIGHTS, HTTP_X_APP_VERSION="2024.08.3").status_code == 404
    assert client.get(INSIGHTS, HTTP_X_APP_VERSION="2024.09.0").status_code == 200
    assert client.get(INSIGHTS).status_code == 200


def test_insights__switched_off__strangers_are_still_told_to_sign_in(
    api: SignIn, set_flag: SetFlag, support: User, sign_in: SignIn
) -> None:
    set_flag(WALLET_INSIGHTS, State.OFF)

    assert api.get(INSIGHTS).status_code == 401  # type: ignore[attr-defined]
    assert sign_in(support).get(INSIGHTS).json()["code"] == "insufficient_scope"
