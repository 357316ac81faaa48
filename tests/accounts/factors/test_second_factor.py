"""An authenticator app: setting it up, signing in with it, doing without it again."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from django.core import mail
from django.utils import timezone
from rest_framework.test import APIClient

from access.models import AuditEntry
from accounts import totp
from accounts.models import Challenge, DeviceSession, RecoveryCode, TotpFactor, User
from core.testing.jobs import CapturedJobs
from tests.accounts.actors import SignIn
from tests.accounts.guarded import Guarded, bearer, confirm, enrol, login, verify

pytestmark = pytest.mark.django_db(transaction=True)
STATUS = "/v1/auth/second-factor"
RFC_6238_SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # appendix B, the seed of SHA-1 in base32


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_find_step__vectors_of_rfc_6238__are_known(clock: Any, seconds: int, code: str) -> None:
    clock.move_to(seconds, tick=False)

    assert totp.find_step(RFC_6238_SEED, code) == seconds // 30


@pytest.mark.parametrize(("steps", "is_known"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_find_step__clocks_apart__knows_one_step_either_way(clock: Any, steps: int, is_known: bool) -> None:
    seed = totp.new_seed()
    code = pyotp.TOTP(seed).at(timezone.now(), counter_offset=steps)

    assert (totp.find_step(seed, code) is not None) is is_known


def test_enrol__then_confirm__enables_and_gives_codes_once(clock: Any, freelancer: User, sign_in: SignIn) -> None:
    client = sign_in(freelancer)
    assert client.get(STATUS).json() == {"enabled_at": None, "methods": [], "recovery_codes_left": 0}

    proposed = client.post(f"{STATUS}/totp", {}, format="json")
    assert (proposed.status_code, sorted(proposed.json())) == (201, ["expires_at", "id", "secret", "uri"])
    uri = urlsplit(proposed.json()["uri"])
    assert (uri.scheme, uri.netloc, uri.path) == ("otpauth", "totp", f"/Gigvora:{freelancer.email.replace('@', '%40')}")
    assert parse_qs(uri.query) == {"secret": [proposed.json()["secret"]], "issuer": ["Gigvora"]}
    assert not TotpFactor.objects.exists()
    assert client.get(STATUS).json()["enabled_at"] is None

    answer = confirm(client, proposed.json()["id"], pyotp.parse_uri(proposed.json()["uri"]).now())  # type: ignore[attr-defined]
    assert (answer.status_code, sorted(answer.json())) == (200, ["access_token", "expires_in", "recovery_codes"])
    codes = answer.json()["recovery_codes"]
    assert len(set(codes)) == 10
    assert all(len(code) == 14 and code.count("-") == 2 for code in codes)
    assert answer["Cache-Control"] == "no-store"

    own = bearer(answer.json()["access_token"])
    freelancer.refresh_from_db()
    assert own.get(STATUS).json() == {
        "enabled_at": freelancer.second_factor_at.isoformat().replace("+00:00", "Z"),  # type: ignore[union-attr]
        "methods": ["otp", "recovery"],
        "recovery_codes_left": 10,
    }


def test_stored__of_a_second_factor__is_nothing_usable(guarded: Guarded) -> None:
    enrol(guarded.client)
    guarded.challenge({"platform": "ios", "fingerprint": "fingerprint of a phone"})
    rows = [*TotpFactor.objects.values_list(), *RecoveryCode.objects.values_list(), *Challenge.objects.values_list()]
    stored = str([[bytes(value) if isinstance(value, memoryview) else value for value in row] for row in rows])

    for secret in (
        "fingerprint of a phone",
        guarded.app.secret,
        *guarded.codes,
        *(code.replace("-", "") for code in guarded.codes),
    ):
        assert secret not in stored


def test_verify__fingerprint_sealed_under_another_pepper__asks_to_begin_anew(guarded: Guarded) -> None:
    begun = guarded.challenge({"platform": "ios", "fingerprint": "abc"})
    asked = Challenge.objects.get()
    asked.data["claim"]["fingerprint"] = "abc"
    asked.save()

    answer = verify(begun, guarded.app.now())

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_challenge")


def test_confirm__other_devices__are_signed_out_and_the_own_goes_on(
    clock: Any, freelancer: User, sign_in: SignIn
) -> None:
    own, other = sign_in(freelancer), sign_in(freelancer)
    assert other.get("/v1/auth/me").status_code == 200
    enrolment, app = enrol(own)

    answer = confirm(own, enrolment, app.now())

    assert other.get("/v1/auth/me").status_code == 401
    assert bearer(answer.json()["access_token"]).get("/v1/auth/me").status_code == 200
    assert own.get("/v1/auth/me").json()["code"] == "invalid_token"  # what was issued before is void
    refreshed = APIClient().post(
        "/v1/auth/refresh", {"refresh_token": own.signed_in.tokens.refresh_token}, format="json"
    )
    assert refreshed.status_code == 200
    assert set(DeviceSession.objects.exclude(revoked_at=None).values_list("revoked_reason", flat=True)) == {
        "factor_changed"
    }


@pytest.mark.parametrize("code", ["000000", "", "12345", "1234567", "abcdef", "١٢٣٤٥٦"])
def test_confirm__wrong_code__changes_nothing(clock: Any, freelancer: User, sign_in: SignIn, code: str) -> None:
    client = sign_in(freelancer)
    enrolment, app = enrol(client)

    answer = confirm(client, enrolment, code if code != app.now() else "999999")

    assert answer.status_code in {400, 422}
    assert not TotpFactor.objects.exists()
    assert confirm(client, enrolment, app.now()).status_code == 200


def test_confirm__enrolment_of_somebody_else__is_refused(
    clock: Any, freelancer: User, other_freelancer: User, sign_in: SignIn
) -> None:
    enrolment, app = enrol(sign_in(freelancer))

    answer = confirm(sign_in(other_freelancer), enrolment, app.now())

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_challenge")


@pytest.mark.parametrize(
    ("method", "path"),
    [("post", "totp"), ("post", "totp/confirm"), ("delete", "totp"), ("post", "recovery-codes")],
)
def test_factors__proof_too_old__ask_for_another(
    clock: Any, freelancer: User, sign_in: SignIn, method: str, path: str
) -> None:
    client = sign_in(freelancer)
    clock.shift(301)

    answer = getattr(client, method)(f"{STATUS}/{path}", {}, format="json")

    assert (answer.status_code, answer.json()["code"]) == (403, "step_up_required")


def test_sign_in__with_a_second_factor__asks_for_it_and_goes_on(guarded: Guarded) -> None:
    device = {"platform": "ios", "name": "My phone", "fingerprint": "f1"}
    refused = login(guarded.user, device)
    assert refused.json()["challenge"]["methods"] == ["otp", "recovery"]

    answer = verify(refused.json()["challenge"]["id"], guarded.app.now())

    assert answer.status_code == 200
    assert answer.json()["device"]["name"] == "My phone"
    session = DeviceSession.objects.latest("created_at")
    assert (session.amr, session.audience) == ("pwd otp", "gigvora-mobile-ios")
    assert session.proved_at is not None
    client = bearer(answer.json()["access_token"])
    assert client.get("/v1/auth/me").json()["code"] == "device_mismatch"
    assert client.get("/v1/auth/me", headers={"X-Device-Fingerprint": "f1"}).status_code == 200


def test_verify__on_the_shared_surface__speaks_camel_case(guarded: Guarded) -> None:
    body = {"challenge": guarded.challenge(), "code": f" {guarded.app.now()[:3]} {guarded.app.now()[3:]} "}

    answer = APIClient().post("/api/auth/second-factor/verify", body, format="json")

    assert answer.status_code == 200
    assert "accessToken" in answer.json()


def test_verify__same_code_again__is_refused(guarded: Guarded) -> None:
    first, second = guarded.challenge(), guarded.challenge()
    assert verify(first, guarded.app.now()).status_code == 200

    again = verify(second, guarded.app.now())

    assert (again.status_code, again.json()["code"]) == (400, "invalid_code")


def test_verify__older_step_after_a_newer_one__is_refused(guarded: Guarded) -> None:
    assert verify(guarded.challenge(), guarded.app.now()).status_code == 200

    older = verify(guarded.challenge(), guarded.app.at(timezone.now(), counter_offset=-1))

    assert older.json()["code"] == "invalid_code"


def test_verify__answered_challenge__is_over(guarded: Guarded, clock: Any) -> None:
    challenge = guarded.challenge()
    assert verify(challenge, guarded.app.now()).status_code == 200
    clock.shift(60)

    assert verify(challenge, guarded.app.now()).json()["code"] == "invalid_challenge"


def test_verify__too_late__is_refused(guarded: Guarded, clock: Any) -> None:
    challenge = guarded.challenge()
    clock.shift(301)

    assert verify(challenge, guarded.app.now()).json()["code"] == "invalid_challenge"


def test_verify__five_wrong_codes__end_the_challenge_and_warn_the_owner(
    guarded: Guarded, enqueued_jobs: CapturedJobs
) -> None:
    challenge = guarded.challenge()
    enqueued_jobs.run(times=1)
    mail.outbox.clear()

    refusals = [verify(challenge, "000000").json()["code"] for _ in range(5)]

    assert refusals == ["invalid_code"] * 5
    assert verify(challenge, guarded.app.now()).json()["code"] == "invalid_challenge"
    assert AuditEntry.objects.filter(action="factor.failure").count() == 5
    enqueued_jobs.run(times=1)
    assert [message.subject for message in mail.outbox] == ["Somebody tried to sign in to your account"]


def test_verify__wrong_codes_over_many_challenges__are_slowed_down(guarded: Guarded) -> None:
    challenges = [guarded.challenge() for _ in range(2)]
    for _ in range(3):
        assert verify(challenges[0], "000000").status_code == 400
    answers = [verify(challenges[1], "000000") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [400, 400, 400, 429]
    assert int(answers[-1]["Retry-After"]) >= 1


def test_verify__password_changed_meanwhile__proves_nothing_any_more(guarded: Guarded) -> None:
    challenge = guarded.challenge()
    User.objects.filter(id=guarded.user.id).update(security_version=99)

    assert verify(challenge, guarded.app.now()).json()["code"] == "invalid_challenge"


@pytest.mark.parametrize("spelling", [str, str.upper, lambda code: code.replace("-", " ")])
def test_recovery_code__in_any_spelling__signs_in_once(
    guarded: Guarded, enqueued_jobs: CapturedJobs, spelling: Any
) -> None:
    enqueued_jobs.run(times=1)
    mail.outbox.clear()
    code = guarded.codes[0]

    answer = verify(guarded.challenge(), spelling(code), "recovery")

    assert answer.status_code == 200
    assert DeviceSession.objects.latest("created_at").amr == "pwd recovery"
    assert verify(guarded.challenge(), code, "recovery").json()["code"] == "invalid_code"
    guarded.user.refresh_from_db()
    held = guarded.user.payouts_held_until
    assert held is not None
    assert held - timezone.now() == timedelta(hours=24)
    enqueued_jobs.run(times=1)
    (message,) = mail.outbox
    assert message.subject == "A recovery code was used"
    assert "9 are left" in message.body


def test_recovery_codes__renewed__former_ones_are_void(guarded: Guarded) -> None:
    answer = guarded.client.post(f"{STATUS}/recovery-codes", {}, format="json")

    assert answer.status_code == 200
    fresh = answer.json()["recovery_codes"]
    assert len(fresh) == 10
    assert verify(guarded.challenge(), guarded.codes[0], "recovery").status_code == 400
    assert verify(guarded.challenge(), fresh[0], "recovery").status_code == 200


def test_remove__any__signs_in_with_the_password_alone_again(guarded: Guarded) -> None:
    challenge = guarded.challenge()

    answer = guarded.client.delete(f"{STATUS}/totp")

    assert answer.status_code == 200
    assert bearer(answer.json()["access_token"]).get("/v1/auth/me").status_code == 200
    assert login(guarded.user).status_code == 200
    assert verify(challenge, guarded.app.now()).json()["code"] == "invalid_challenge"
    assert not TotpFactor.objects.exists()
    assert not RecoveryCode.objects.exists()
    again = bearer(answer.json()["access_token"]).delete(f"{STATUS}/totp")
    assert (again.status_code, again.json()["code"]) == (409, "second_factor_missing")


def test_enrol__another_app__takes_the_place_of_the_first(guarded: Guarded, clock: Any) -> None:
    enrolment, new_app = enrol(guarded.client)
    assert verify(guarded.challenge(), guarded.app.now()).status_code == 200  # still the first

    assert confirm(guarded.client, enrolment, new_app.now()).status_code == 200

    clock.shift(60)
    assert verify(guarded.challenge(), guarded.app.now()).json()["code"] == "invalid_code"
    assert verify(guarded.challenge(), new_app.now()).status_code == 200


@pytest.mark.parametrize(("change", "subject"), [("added", "on"), ("removed", "off"), ("renewed", "codes")])
def test_change__any__is_told_by_mail(guarded: Guarded, enqueued_jobs: CapturedJobs, change: str, subject: str) -> None:
    if change == "removed":
        guarded.client.delete(f"{STATUS}/totp")
    if change == "renewed":
        guarded.client.post(f"{STATUS}/recovery-codes", {}, format="json")

    enqueued_jobs.run(times=1)

    assert mail.outbox[-1].subject.endswith(subject)
    assert mail.outbox[-1].to == [guarded.user.email]
