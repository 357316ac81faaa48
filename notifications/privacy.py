"""The personal data of the inbox."""

from datetime import timedelta

from push_notifications.models import APNSDevice, GCMDevice, WebPushDevice, WNSDevice

from core.contributions.privacy import Ageing, Basis, Category, Delete, Goes, data, personal
from notifications.models import Delivery, Notification, Preferences, PushRegistration

KEPT = timedelta(days=180)
ADDRESS = "An address at Apple's or Google's push service; of no use to anybody but us."

personal(
    Notification,
    "notifications",
    of="user",
    purpose="Tell the person what happened to what is theirs.",
    basis=Basis.CONTRACT,
    retention="180 days",
    erase=Delete(),
    ageing=(Ageing("notifications.forget_old", after=KEPT, since="created_at"),),
    data=[
        data(Category.IDENTITY, "user"),
        data(Category.CONTENT, "title message metadata deep_link"),
        data(Category.ACTIVITY, "event_id type category urgent useful_until delivered_at read_at"),
    ],
)
personal(
    Delivery,
    "notification_deliveries",
    of="notification__user",
    purpose="Mail a notification once.",
    basis=Basis.CONTRACT,
    retention="as long as the notification",
    erase=Goes(along="notifications"),
    data=[data(Category.ACTIVITY, "notification channel status due_at attempts began_at error")],
)
personal(
    Preferences,
    "notification_preferences",
    of="user",
    purpose="Tell the person what they want to be told, when they want it.",
    basis=Basis.CONTRACT,
    retention="as long as the account exists",
    erase=Delete(),
    data=[
        data(Category.IDENTITY, "user"),
        data(Category.PREFERENCE, "choices quiet_from quiet_until quiet_zone max_per_day"),
    ],
)
personal(
    PushRegistration,
    "push_registrations",
    of="user",
    purpose="Reach the apps that the person has allowed to notify them.",
    basis=Basis.CONTRACT,
    retention="until the person signs out on the device",
    erase=Delete(),
    data=[data(Category.IDENTITY, "user"), data(Category.DEVICE, "device platform fcm apns")],
)
for model, collection in (
    (GCMDevice, "fcm_devices"),
    (APNSDevice, "apns_devices"),
    (WNSDevice, "wns_devices"),
    (WebPushDevice, "web_push_devices"),
):
    names = {field.name for field in model._meta.concrete_fields} - {"id", "user"}
    personal(
        model,
        collection,
        of="user",
        purpose="Reach the apps that the person has allowed to notify them.",
        basis=Basis.CONTRACT,
        retention="until the person signs out on the device",
        shared_with=("Apple or Google, whose service pushes to the device",),
        erase=Delete(),
        withheld={name: ADDRESS for name in ("registration_id", "p256dh", "auth") if name in names},
        data=[data(Category.IDENTITY, "user"), data(Category.DEVICE, " ".join(sorted(names)))],
    )
