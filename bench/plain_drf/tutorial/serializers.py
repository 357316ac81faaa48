from rest_framework import serializers

from tutorial.models import Event


class EventSerializer(serializers.ModelSerializer):
    class Meta:
        model = Event
        exclude = ["owner"]
