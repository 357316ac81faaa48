"""One person's roles: what they hold and since when, giving and taking, what waits, what happened."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from access import services
from access.models import AccessRequest, AuditEntry, Role
from access.selectors import grants_of, roles_of, staff_may
from access.types import GIVE_ROLES
from core.screens import refusals_as_messages, staff_id

HISTORY = 25  # entries
MAX_SHOWN = 100  # members of a role, which may have a million


class FindForm(forms.Form):
    email = forms.EmailField(label="E-mail address")


class GiveForm(forms.Form):
    role = forms.ModelChoiceField(Role.objects.none(), to_field_name="name", empty_label=None)
    reason = forms.CharField(max_length=200)


class TakeForm(forms.Form):
    role = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(max_length=200)


def email_of(column: str) -> Subquery:
    """The address of the person whose id stands in `column`, which is no foreign key."""
    return Subquery(get_user_model().objects.filter(pk=OuterRef(column)).values("email")[:1])


def address(user_id: UUID) -> str:
    return reverse("admin:access_person", args=[user_id])


def members(role: str) -> SafeString:
    """Who holds a role, with links to them; of many the first, and how many more."""
    held = get_user_model().objects.filter(groups__name=role)
    shown = held.order_by("email").values_list("pk", "email")[:MAX_SHOWN]
    links = format_html_join(", ", '<a href="{}">{}</a>', ((address(pk), email) for pk, email in shown))
    more = held.count() - len(shown)
    return format_html("{} and {} more", links, more) if more > 0 else links or SafeString("Nobody.")


def tell_of_waiting(request: HttpRequest, waiting: AccessRequest) -> None:
    messages.warning(request, f"This gives staff powers, so it waits for another admin until {waiting.expires_at:%c}.")


def find(request: HttpRequest) -> HttpResponse:
    """Look somebody up by address."""
    _check(request)
    form = FindForm(request.GET or None)
    if form.is_valid():
        try:
            return redirect(address(get_user_model().objects.get_by_natural_key(form.cleaned_data["email"]).pk))
        except ObjectDoesNotExist:
            form.add_error("email", "There is no user with this address.")
    return render(
        request,
        "access/find_person.html",
        {**admin.site.each_context(request), "title": "Roles of a person", "form": form},
    )


def show(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """One person; a POST gives or takes a role."""
    _check(request)
    person = get_user_model().objects.filter(pk=user_id).first()
    if person is None:
        raise Http404
    form = _given(request, user_id) if request.method == "POST" else None
    if request.method == "POST" and form is None:
        return redirect(address(user_id))
    grants = grants_of(user_id)
    history = AuditEntry.objects.filter(target_type="user", target_id=str(user_id), action__startswith="role.")
    values: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": f"Roles of {person}",
        "person": person,
        "held": roles_of(user_id),
        "scopes": sorted(grants.scopes),
        "give": form or _give_form(user_id),
        "is_self": user_id == staff_id(request),
        "waiting": AccessRequest.objects.waiting().filter(user_id=user_id).annotate(asked_by=email_of("requested_by")),
        "history": history.annotate(by=email_of("user_id")).order_by("-id")[:HISTORY],
    }
    return render(request, "access/person.html", values)


def _given(request: HttpRequest, user_id: UUID) -> forms.Form | None:
    """Do what was sent; the form to show again if it was incomplete."""
    is_taking = "take" in request.POST
    form = TakeForm(request.POST) if is_taking else _give_form(user_id, request.POST)
    if not form.is_valid():
        messages.error(request, "Say why.")
        return None if is_taking else form
    wish = {"actor": staff_id(request), "user_id": user_id, "reason": form.cleaned_data["reason"]}
    role = str(form.cleaned_data["role"])
    with refusals_as_messages(request):
        if is_taking:
            services.take_role(role=role, **wish)
            messages.success(request, f"The role {role} was taken.")
        elif waiting := services.give_role(role=role, **wish):
            tell_of_waiting(request, waiting)
        else:
            messages.success(request, f"The role {role} was given.")
    return None


def _give_form(user_id: UUID, data: Any = None) -> forms.Form:
    form = GiveForm(data)
    choice: Any = form.fields["role"]
    choice.queryset = Role.objects.exclude(user=user_id).order_by("name")
    return form


def _check(request: HttpRequest) -> None:
    if not staff_may(request.user, GIVE_ROLES):
        raise PermissionDenied
