from django.conf import settings
from django.db import models


class Event(models.Model):
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="events")
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    is_all_day = models.BooleanField(default=False)
    timezone = models.CharField(max_length=64, default="UTC")
    event_type = models.CharField(max_length=32)
    status = models.CharField(max_length=32, default="confirmed")
    source = models.CharField(max_length=32, default="manual")
    location = models.CharField(max_length=255, blank=True)
    video_conference_link = models.URLField(blank=True)
    reminder_minutes = models.IntegerField(null=True)
    visibility = models.CharField(max_length=32, default="private")
    related_entity_type = models.CharField(max_length=64, blank=True)
    related_entity_id = models.CharField(max_length=64, blank=True)
    color_hex = models.CharField(max_length=7, blank=True)
    focus_mode = models.BooleanField(default=False)
    recurrence = models.CharField(max_length=255, blank=True)
    metadata = models.JSONField(default=dict)
    completed_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancellation_reason = models.CharField(max_length=255, blank=True)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["starts_at", "id"]
        indexes = [models.Index(fields=["owner", "starts_at"])]

    def __str__(self) -> str:
        return self.title
