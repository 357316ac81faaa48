"""Staff screens: people, devices and sessions to look at, and the few things staff may do about them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from access.selectors import staff_may
from accounts.models import AttestationKey, Device, DeviceSession, IntegritySignal, Membership, User, Workspace
from accounts.models.attestation import SIGNALS
from accounts.services import profile, sessions
from core.screens import ReadOnly, refusals_as_messages, staff_id


class PeopleScreen(ReadOnly):
    """For those who may look at people and what is theirs."""

    list_per_page = 50

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return staff_may(request.user, "admin:people.read")

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Who may use the actions."""
        return staff_may(request.user, "admin:*")


class MembershipInline(PeopleScreen, admin.TabularInline):  # type: ignore[type-arg]
    model = Membership
    extra = 0
    fields = readonly_fields = ("workspace", "user", "role", "created_at")


@admin.register(User)
class UserAdmin(PeopleScreen, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("email", "full_name", "is_active", "is_staff", "is_email_verified", "created_at")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email__startswith", "full_name")
    ordering = ("-id",)
    fields = (
        "id", "email", "full_name", "phone", "email_verified_at", "locale", "timezone", "is_active", "closed_at",
        "is_staff", "is_superuser", "roles", "created_at", "updated_at",
    )  # fmt: skip
    readonly_fields = ("roles",)
    inlines = (MembershipInline,)
    actions = ("suspend", "reinstate", "sign_out")

    @admin.display
    def roles(self, user: User) -> SafeString:
        names = ", ".join(user.groups.order_by("name").values_list("name", flat=True)) or "none"
        return format_html('<a href="{}">{}</a>', reverse("admin:access_person", args=[user.pk]), names)

    @admin.action(description="Suspend, and sign out everywhere", permissions=["act"])
    def suspend(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset.filter(is_active=True):
            with refusals_as_messages(request, user):
                profile.suspend(actor=staff_id(request), user_id=user.id, reason="staff")

    @admin.action(description="Sign out everywhere", permissions=["act"])
    def sign_out(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            with refusals_as_messages(request, user):
                sessions.put_out(actor=staff_id(request), user_id=user.id, reason="staff")

    @admin.action(description="Reinstate", permissions=["act"])
    def reinstate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset.filter(is_active=False):
            with refusals_as_messages(request, user):
                profile.reinstate(actor=staff_id(request), user_id=user.id, reason="staff")


@admin.register(Workspace)
class WorkspaceAdmin(PeopleScreen, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "currency", "is_personal", "created_at")
    search_fields = ("name",)
    fields = ("id", "name", "currency", "is_personal", "created_at")
    inlines = (MembershipInline,)


@admin.register(Device)
class DeviceAdmin(PeopleScreen, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("user", "platform", "name", "model", "app_version", "assurance", "last_seen_at", "revoked_at")
    list_filter = ("platform", "assurance")
    list_select_related = ("user",)
    search_fields = ("user__email__startswith",)
    fields = (
        "id", "user", "platform", "name", "model", "os_version", "app_version", "assurance", "assured_until",
        "last_seen_at", "revoked_at", "created_at",
    )  # fmt: skip


@admin.register(AttestationKey)
class AttestationKeyAdmin(PeopleScreen, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("device", "counter", "is_development", "created_at", "updated_at")
    list_filter = ("is_development",)
    list_select_related = ("device",)
    search_fields = ("device__user__email__startswith",)
    fields = ("id", "device", "counter", "is_development", "created_at", "updated_at")


@admin.register(IntegritySignal)
class IntegritySignalAdmin(PeopleScreen, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("device", *SIGNALS, "created_at")
    list_filter = SIGNALS
    list_select_related = ("device",)
    search_fields = ("device__user__email__startswith",)
    fields = ("id", "device", *SIGNALS, "created_at")


@admin.register(DeviceSession)
class DeviceSessionAdmin(PeopleScreen, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("user", "audience", "device", "ip_address", "rotated_at", "revoked_at", "revoked_reason")
    list_filter = ("audience", "revoked_reason")
    list_select_related = ("user", "device")
    search_fields = ("user__email__startswith",)
    ordering = ("-id",)
    fields = (
        "id", "user", "device", "audience", "amr", "auth_time", "counter", "rotated_at", "idle_expires_at",
        "expires_at", "ip_address", "user_agent", "revoked_at", "revoked_reason",
    )  # fmt: skip
    actions = ("revoke",)

    def has_act_permission(self, request: HttpRequest) -> bool:
        return staff_may(request.user, "admin:sessions.end")

    @admin.action(description="End these sessions", permissions=["act"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[DeviceSession]) -> None:
        sessions.end_chosen(actor=staff_id(request), session_ids=[session.id for session in queryset])
