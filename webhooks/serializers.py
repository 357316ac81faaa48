"""Endpoints and deliveries as integrators see them."""

from rest_framework import serializers

from core.http.access import Caller
from core.http.links import Link, Links
from core.http.serializers import Computed, ModelSerializer, Serializer
from webhooks.models import Attempt, Delivery, Endpoint
from webhooks.scopes import MANAGE
from webhooks.types import DeliveryStatus, DisabledReason, EndpointStatus


def _is_active(caller: Caller, status: str) -> bool:
    return status == EndpointStatus.ACTIVE


def _is_disabled(caller: Caller, status: str) -> bool:
    return status == EndpointStatus.DISABLED


def _may_enable(caller: Caller, status: str, disabled_reason: str) -> bool:
    return _is_disabled(caller, status) and disabled_reason != DisabledReason.STAFF


def _is_finished(caller: Caller, status: str) -> bool:
    return status != DeliveryStatus.PENDING


class WebhookSerializer(ModelSerializer):
    links = Links(
        "webhooks",
        (
            Link("update", "PATCH", scope=MANAGE),
            Link("delete", "DELETE", scope=MANAGE),
            Link("deliveries", "GET", "/deliveries"),
            Link("rotate_secret", "POST", "/rotate-secret", scope=MANAGE),
            Link("test", "POST", "/test", scope=MANAGE, when=_is_active, of=("status",)),
            Link("replay", "POST", "/replay", scope=MANAGE, when=_is_active, of=("status",)),
            Link("disable", "POST", "/disable", scope=MANAGE, when=_is_active, of=("status",)),
            Link("enable", "POST", "/enable", scope=MANAGE, when=_may_enable, of=("status", "disabled_reason")),
        ),
    )

    events = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Endpoint
        fields = read_only_fields = (
            "id", "url", "description", "events", "status", "disabled_reason", "disabled_at", "failing_since",
            "former_secret_until", "created_at", "updated_at",
        )  # fmt: skip


class WebhookWithSecretSerializer(WebhookSerializer):
    secret = serializers.CharField(help_text="Shown this once. It signs every event: `whsec_` and base64.")

    class Meta:
        model = Endpoint
        fields = read_only_fields = (*WebhookSerializer.Meta.fields, "secret")


class WebhookWriteSerializer(Serializer):
    url = serializers.CharField(max_length=2048, help_text="A public https address.")
    events = serializers.ListField(child=serializers.CharField(max_length=100), allow_empty=False, max_length=100)
    description = serializers.CharField(max_length=200, required=False, allow_blank=True)


class WebhookDeliverySerializer(ModelSerializer):
    links = Links("deliveries", (Link("replay", "POST", "/replay", scope=MANAGE, when=_is_finished, of=("status",)),))

    due_at = Computed(
        lambda status, due_at: due_at if status == DeliveryStatus.PENDING else None,
        "status", "due_at", output=serializers.DateTimeField(allow_null=True, help_text="When it is tried next."),
    )  # fmt: skip

    class Meta:
        model = Delivery
        fields = read_only_fields = (
            "id", "event_id", "event_name", "status", "attempts", "due_at", "status_code", "latency_ms", "error",
            "created_at", "finished_at",
        )  # fmt: skip


class AttemptSerializer(ModelSerializer):
    class Meta:
        model = Attempt
        fields = read_only_fields = ("number", "ended_at", "latency_ms", "status_code", "error", "response")


class DeliveryLogSerializer(Serializer):
    """One delivery with the exact body that is sent, and its newest attempts, oldest first."""

    delivery = WebhookDeliverySerializer()
    body = serializers.CharField()
    attempts = AttemptSerializer(many=True)


class ReplaySerializer(Serializer):
    since = serializers.DateTimeField(help_text="Events that happened before are not replayed.")


class ReplayedSerializer(Serializer):
    count = serializers.IntegerField()


class PublicEventSerializer(Serializer):
    name = serializers.CharField()
    description = serializers.CharField()
    payload = serializers.DictField(child=serializers.CharField(), help_text="Field -> type.")


class PublicEventsSerializer(Serializer):
    events = PublicEventSerializer(many=True)
