"""Decisions as staff clients see them."""

from rest_framework import serializers

from core.http.serializers import Serializer


class DecisionSerializer(Serializer):
    decision_id = serializers.CharField(max_length=40)


class GateSerializer(Serializer):
    name = serializers.CharField()
    title = serializers.CharField()
    outcome = serializers.CharField()


class StorySerializer(Serializer):
    decision_id = serializers.CharField()
    allowed = serializers.BooleanField()
    recorded_at = serializers.DateTimeField()
    trace_id = serializers.CharField()
    who = serializers.CharField()
    what = serializers.CharField()
    resource = serializers.CharField()
    reason = serializers.CharField()
    gates = GateSerializer(many=True)
    granted_by = serializers.CharField()
    remedy = serializers.CharField()
    taken = serializers.CharField()
    policy = serializers.CharField()
