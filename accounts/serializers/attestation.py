"""Shapes of attestation: challenges, what devices present, and what became of it."""

import base64
import re
from typing import Any

from rest_framework import serializers

from accounts.attestation.evidence import EvidenceKind
from accounts.models.attestation import SIGNALS
from accounts.serializers.devices import assurance_name
from accounts.services.attestation import Word
from accounts.services.evidence import (
    DeviceToken,
    Evidence,
    IntegrityToken,
    KeyAssertion,
    KeyAttestation,
    SafetyNetAnswer,
)
from core.http.access import Assurance
from core.http.serializers import Computed, Serializer

_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_APPLE = (EvidenceKind.ATTESTATION, EvidenceKind.ASSERTION, EvidenceKind.DEVICECHECK)
_ANDROID = (EvidenceKind.STANDARD, EvidenceKind.CLASSIC, EvidenceKind.SAFETYNET)
_LEVELS = [level.name.lower() for level in Assurance]


class Base64Field(serializers.CharField):
    """Bytes in standard base64, as both platforms write it."""

    def to_internal_value(self, data: Any) -> Any:
        text = super().to_internal_value(data)
        if not _BASE64.fullmatch(text) or len(text) % 4:
            raise serializers.ValidationError("Send bytes in base64.", code="invalid_base64")
        return base64.b64decode(text)


class ChallengeRequestSerializer(Serializer):
    type = serializers.ChoiceField(choices=[kind.value for kind in EvidenceKind])

    def validate_type(self, value: str) -> EvidenceKind:
        return EvidenceKind(value)


class BegunSerializer(Serializer):
    type = serializers.CharField()
    challenge = serializers.CharField()
    client_data = serializers.CharField(help_text="What to take the SHA-256 of, in UTF-8.")
    expires_at = serializers.DateTimeField()
    assurance = Computed(assurance_name, "assurance", output=serializers.ChoiceField(choices=_LEVELS))


class PresentedSerializer(Serializer):
    """What every platform sends. `needs` names the fields that each type of evidence consists of."""

    challenge = serializers.CharField(max_length=128)
    needs: dict[EvidenceKind, tuple[str, ...]] = {}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        kind = EvidenceKind(attrs["type"])
        needed, given = set(self.needs[kind]), set(attrs) - {"type", "challenge"}
        wrong = {
            **dict.fromkeys(needed - given, ("Needed for this type.", "required")),
            **dict.fromkeys(given - needed, ("Not for this type.", "unknown_field")),
        }
        if wrong:
            raise serializers.ValidationError(
                {name: serializers.ErrorDetail(*words) for name, words in sorted(wrong.items())}
            )
        values = {name: attrs[name] for name in needed}
        return {"challenge": attrs["challenge"], "evidence": self.evidence(kind, values)}

    def evidence(self, kind: EvidenceKind, values: dict[str, Any]) -> Evidence:
        raise NotImplementedError


class AppleEvidenceSerializer(PresentedSerializer):
    type = serializers.ChoiceField(choices=[kind.value for kind in _APPLE])
    key_id = Base64Field(max_length=44, required=False)
    attestation = Base64Field(max_length=32_768, required=False)
    assertion = Base64Field(max_length=4096, required=False)
    device_token = serializers.CharField(max_length=8192, required=False)

    needs = {
        EvidenceKind.ATTESTATION: ("key_id", "attestation"),
        EvidenceKind.ASSERTION: ("key_id", "assertion"),
        EvidenceKind.DEVICECHECK: ("device_token",),
    }

    def evidence(self, kind: EvidenceKind, values: dict[str, Any]) -> Evidence:
        makers: dict[EvidenceKind, type[Evidence]] = {
            EvidenceKind.ATTESTATION: KeyAttestation,
            EvidenceKind.ASSERTION: KeyAssertion,
            EvidenceKind.DEVICECHECK: DeviceToken,
        }
        return makers[kind](**values)


class AndroidEvidenceSerializer(PresentedSerializer):
    type = serializers.ChoiceField(choices=[kind.value for kind in _ANDROID])
    integrity_token = serializers.CharField(max_length=32_768, required=False)

    needs = dict.fromkeys(_ANDROID, ("integrity_token",))

    def evidence(self, kind: EvidenceKind, values: dict[str, Any]) -> Evidence:
        return SafetyNetAnswer(**values) if kind is EvidenceKind.SAFETYNET else IntegrityToken(kind=kind, **values)


class FindingSerializer(Serializer):
    verdict = serializers.ChoiceField(choices=[word.value for word in Word])
    reason = serializers.CharField()
    assurance = Computed(assurance_name, "assurance", output=serializers.ChoiceField(choices=_LEVELS))
    assured_until = serializers.DateTimeField(allow_null=True)


class SignalsSerializer(Serializer):
    """What the app looked for on its device, and whether it was there. What it did not look for is left out."""

    jailbroken = serializers.BooleanField(required=False)
    rooted = serializers.BooleanField(required=False)
    hooking = serializers.BooleanField(required=False)
    debugger = serializers.BooleanField(required=False)
    emulator = serializers.BooleanField(required=False)
    tampered = serializers.BooleanField(required=False)

    def validate(self, attrs: dict[str, bool]) -> dict[str, bool]:
        if not attrs:
            raise serializers.ValidationError(f"Send at least one of {', '.join(SIGNALS)}.", code="required")
        return attrs
