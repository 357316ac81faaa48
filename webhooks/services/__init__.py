"""Registering endpoints, and delivering events to them."""

from webhooks.services.deliveries import again, fan_out, replay_by_staff, replay_delivery, replay_failed, send_test
from webhooks.services.endpoints import (
    delete_endpoint,
    delete_platform_endpoint,
    disable_by_staff,
    disable_endpoint,
    enable_by_staff,
    enable_endpoint,
    register_endpoint,
    register_platform_endpoint,
    rotate_platform_secret,
    rotate_secret,
    update_endpoint,
)
from webhooks.services.sending import deliver_due
from webhooks.services.upkeep import purge_deliveries

__all__ = [
    "again",
    "delete_endpoint",
    "delete_platform_endpoint",
    "deliver_due",
    "disable_by_staff",
    "disable_endpoint",
    "enable_by_staff",
    "enable_endpoint",
    "fan_out",
    "purge_deliveries",
    "register_endpoint",
    "register_platform_endpoint",
    "replay_by_staff",
    "replay_delivery",
    "replay_failed",
    "rotate_platform_secret",
    "rotate_secret",
    "send_test",
    "update_endpoint",
]
