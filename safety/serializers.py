"""Reports and blocks as clients see and send them."""

from rest_framework import serializers

from core.http.fields import TextField
from core.http.links import Link, Links
from core.http.serializers import ModelSerializer, Serializer
from safety.models import MAX_MESSAGE, Block, Report
from safety.types import ReportReason


class ReportSerializer(ModelSerializer):
    """A report, as whoever filed it sees it. `decision` is why staff decided as they did."""

    links = Links("reports")

    class Meta:
        model = Report
        fields = read_only_fields = (
            "id", "subject_type", "subject_id", "subject_title", "reason", "message", "status", "decision",
            "decided_at", "created_at", "updated_at",
        )  # fmt: skip


class ReportCreateSerializer(Serializer):
    subject_type = serializers.CharField(max_length=32, help_text="`listing`, `mentor` or `user`; more may follow.")
    subject_id = serializers.UUIDField()
    reason = serializers.ChoiceField([*ReportReason])
    message = TextField(max_length=MAX_MESSAGE, required=False, allow_blank=True)


class BlockSerializer(ModelSerializer):
    links = Links("blocks", (Link("unblock", "DELETE"),), id="blocked_id")

    user_id = serializers.UUIDField(source="blocked_id")

    class Meta:
        model = Block
        fields = read_only_fields = ("user_id", "created_at")
