"""Staff screens: roles with their scopes and members, and the audit trail to read."""

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from access import services
from access.models import AuditEntry, Role
from access.selectors import staff_may

admin.site.unregister(Group)


class RoleForm(forms.ModelForm):  # type: ignore[type-arg]
    """A role may have a million members, so they are named one at a time, with the reason."""

    grant_to = forms.EmailField(required=False, help_text="Give this role to the user with this e-mail address.")
    revoke_from = forms.EmailField(required=False, help_text="Take this role from the user with this address.")
    reason = forms.CharField(required=False, max_length=200, help_text="Why; kept in the audit trail.")

    class Meta:
        model = Role
        fields = ("name", "permissions")

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if not re.fullmatch(r"[a-z][a-z0-9_.-]{0,31}", name):
            raise ValidationError("Lower-case letters, digits, dots, dashes and underscores; at most 32.")
        return name

    def clean_grant_to(self) -> Any:
        return self._user("grant_to")

    def clean_revoke_from(self) -> Any:
        return self._user("revoke_from")

    def clean(self) -> dict[str, Any] | None:
        given = super().clean() or self.cleaned_data
        if (given.get("grant_to") or given.get("revoke_from")) and not given.get("reason"):
            self.add_error("reason", "Say why.")
        return given

    def _user(self, field: str) -> Any:
        """The id behind the address, or None where the field was left empty."""
        address = self.cleaned_data[field]
        if not address:
            return None
        try:
            return get_user_model().objects.get_by_natural_key(address).pk
        except ObjectDoesNotExist:
            raise ValidationError("There is no user with this address.") from None


@admin.register(Role)
class RoleAdmin(GroupAdmin):
    """Open to those who hold every staff scope: whoever edits roles can give themselves anything.

    Roles are emptied and never deleted, so that the audit trail keeps meaning something.
    """

    form = RoleForm
    list_display = ("name", "members")
    search_fields = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(member_count=Count("user"))

    @admin.display(ordering="member_count")
    def members(self, role: Any) -> int:
        return int(role.member_count)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("name",) if obj else ()

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("access.admin:*")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("access.admin:*")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("access.admin:*")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("access.admin:*")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        actor, role, given = request.user.pk, form.instance, form.cleaned_data
        services.change_role(actor=actor, role=role, permissions=[scope.pk for scope in given["permissions"]])
        if given["grant_to"]:
            services.grant_role(actor=actor, user_id=given["grant_to"], role=role.name, reason=given["reason"])
        if given["revoke_from"]:
            services.revoke_role(actor=actor, user_id=given["revoke_from"], role=role.name, reason=given["reason"])


@admin.register(AuditEntry)
class AuditEntryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Read-only; the database refuses changes as well."""

    list_display = (
        "recorded_at",
        "action",
        "outcome",
        "user_id",
        "target_type",
        "target_id",
        "channel",
        "ip",
        "reason",
    )
    list_filter = ("outcome", "category", "channel", "recorded_at")
    search_fields = ("=user_id", "=target_id", "=session_id", "=trace_id", "=decision_id", "action", "=ip")
    search_help_text = "An id of a user, target, session, trace or decision, an address, or part of an action."
    ordering = ("-id",)
    show_full_result_count = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return staff_may(request.user, "admin:people.read")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
