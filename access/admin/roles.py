"""Roles: what each holds, who holds it."""

import re
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Count, Prefetch, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from access import services
from access.admin import people
from access.models import Role, Scope
from access.selectors import staff_may
from access.types import EVERY_STAFF_SCOPE, GIVE_ROLES
from core.screens import NamedFilters, refusals_as_messages, staff_id

admin.site.unregister(Group)


class ScopeField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, scope: Any) -> str:
        return f"{scope.codename} — {scope.name}"


class RoleForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a role holds. What makes staff mightier, or yourself, waits until another admin approves it."""

    scopes = ScopeField(Scope.objects.order_by("codename"), required=False, widget=forms.CheckboxSelectMultiple)
    reason = forms.CharField(max_length=200, help_text="Why; kept in the audit trail.")

    class Meta:
        model = Role
        fields = ("name",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "scopes" in self.fields:
            self.fields["scopes"].initial = Scope.objects.filter(group=self.instance.pk)

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if not re.fullmatch(r"[a-z][a-z0-9_.-]{0,31}", name):
            raise ValidationError("Lower-case letters, digits, dots, dashes and underscores; at most 32.")
        return name


@admin.register(Role)
class RoleAdmin(NamedFilters, admin.ModelAdmin):  # type: ignore[type-arg]
    """Whoever may give roles looks; what roles hold is decided by those who hold every staff scope.

    Roles are emptied and never deleted, so that the audit trail keeps meaning something.
    """

    form = RoleForm
    change_list_template = "access/roles.html"
    list_display = ("name", "scopes", "members", "opens_the_staff_site")
    search_fields = ("name",)
    ordering = ("name",)

    class Media:
        css = {"all": ["access/staff.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        scopes = Prefetch("permissions", Scope.objects.order_by("codename"), to_attr="held")
        roles = Role.objects.with_staff_powers().annotate(member_count=Count("user"))
        return cast("QuerySet[Any]", roles.prefetch_related(scopes))

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        return [
            path("people/", guarded(people.find), name="access_people"),
            path("people/<uuid:user_id>/", guarded(people.show), name="access_person"),
            *super().get_urls(),
        ]

    @admin.display
    def scopes(self, role: Any) -> SafeString:
        return format_html_join(" ", "<code>{}</code>", ((scope.codename,) for scope in role.held))

    @admin.display(ordering="member_count")
    def members(self, role: Any) -> int:
        return int(role.member_count)

    @admin.display(boolean=True)
    def opens_the_staff_site(self, role: Any) -> bool:
        return bool(role.is_staff)

    @admin.display(description="members")
    def holders(self, role: Any) -> SafeString:
        return people.members(role.name)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if not self.has_change_permission(request):
            return ("name", "scopes", "holders")
        return ("name", "scopes", "reason", *(["holders"] if obj else []))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if not self.has_change_permission(request):
            return ("name", "scopes", "holders")
        return ("name", "holders") if obj else ()

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return staff_may(request.user, GIVE_ROLES)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return staff_may(request.user, EVERY_STAFF_SCOPE)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return staff_may(request.user, EVERY_STAFF_SCOPE)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            form.instance.pk = services.create_role(actor=staff_id(request), name=obj.name).pk

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        given = form.cleaned_data
        chosen = [scope.codename for scope in given["scopes"]]
        with refusals_as_messages(request):
            waiting = services.set_scopes(
                actor=staff_id(request), role=form.instance.name, scopes=chosen, reason=given["reason"]
            )
            if waiting:
                people.tell_of_waiting(request, waiting)
