"""What people are told of their account. Most of it they also read in mails that `subscribers.py` writes."""

from uuid import UUID

from accounts.events import (
    BiometricKeyEnrolled,
    EmailChanged,
    PasskeyAdded,
    PasswordChanged,
    PasswordReset,
    SecondFactorChanged,
    SessionEnded,
)
from accounts.types import EndReason
from core.contributions.events import Published
from core.contributions.notices import Category, Channel, Notice, Words, declare_notices, the_aggregate

_ADVICE = "If it was not you, end your sessions and change your password."
_RAT = "Wenn du es nicht warst, beende deine Sitzungen und ändere dein Passwort."


def _after_reuse(event: Published) -> tuple[UUID, ...]:
    return (UUID(event.payload["user_id"]),) if event.payload["reason"] == EndReason.REUSE else ()


def _notice(event: str, title: str, titel: str, **given: object) -> Notice:
    usual = {"recipients": the_aggregate, "words": {"en": Words(title, _ADVICE), "de": Words(titel, _RAT)}}
    return Notice(
        event=event,
        category=Category.SECURITY,
        deep_link="account",
        channels=frozenset({Channel.PUSH}),
        urgent=True,
        **(usual | given),  # type: ignore[arg-type]
    )


declare_notices(
    _notice(
        SessionEnded.name,
        "A session of yours was ended",
        "Eine deiner Sitzungen wurde beendet",
        recipients=_after_reuse,
        metadata=("device_id", "reason"),
        words={
            "en": Words(
                "A session of yours was ended", f"Its token was used twice, as if it had been copied. {_ADVICE}"
            ),
            "de": Words("Eine deiner Sitzungen wurde beendet", f"Ihr Token kam zweimal, wie nach einer Kopie. {_RAT}"),
        },
    ),
    _notice(PasswordChanged.name, "Your password was changed", "Dein Passwort wurde geändert"),
    _notice(PasswordReset.name, "Your password was reset", "Dein Passwort wurde zurückgesetzt"),
    _notice(EmailChanged.name, "Your e-mail address was changed", "Deine E-Mail-Adresse wurde geändert"),
    _notice(
        SecondFactorChanged.name,
        "Your second factor has changed",
        "Dein zweiter Faktor hat sich geändert",
        metadata=("change",),
    ),
    _notice(PasskeyAdded.name, "A passkey was added", "Ein Passkey wurde hinzugefügt", metadata=("passkey_id",)),
    _notice(
        BiometricKeyEnrolled.name,
        "A device may now sign in with biometrics",
        "Ein Gerät meldet sich jetzt biometrisch an",
        metadata=("device_id",),
    ),
)
