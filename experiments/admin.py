"""The screen of flags: what each is for, how it stands, and for whom."""

from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import AbstractBaseUser, Group
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from access.selectors import staff_may
from accounts.selectors import find_by_email, find_user
from accounts.types import Platform
from core.errors import AppError
from core.screens import NamedFilters
from experiments import services
from experiments.models import FeatureFlag
from experiments.scopes import FLAGS
from experiments.selectors import find_flag, is_decided_elsewhere, setting_of
from experiments.types import Setting, State

STATES = {
    State.DECLARED: "as the code declares it",
    State.ON: "on, for those described below",
    State.OFF: "off for everybody, at once and without exception",
}


class NamesField(forms.CharField):
    """People by their addresses and workspaces by their ids, one to a line, as a set of ids."""

    widget = forms.Textarea(attrs={"rows": 3, "cols": 48})

    def clean(self, value: Any) -> frozenset[str]:
        return frozenset(map(_id_of, super().clean(value).split()))


class FlagForm(forms.ModelForm):  # type: ignore[type-arg]
    state = forms.ChoiceField(
        choices=[(state.value, label) for state, label in STATES.items()], widget=forms.RadioSelect
    )
    rollout = forms.IntegerField(
        min_value=0, max_value=100, label="Percent of people", help_text="Always the same ones, more as it grows."
    )
    roles = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple, help_text="None: any role.")
    platforms = forms.MultipleChoiceField(
        choices=[(platform.value, platform.value) for platform in Platform],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None: any platform.",
    )
    since = forms.CharField(required=False, max_length=16, label="Apps from", help_text="Such as 2024.09 or 2024.09.1.")
    before = forms.CharField(required=False, max_length=16, label="Apps older than")
    always_on = NamesField(required=False, help_text="E-mail addresses and ids of workspaces, one to a line.")
    always_off = NamesField(required=False)
    reason = forms.CharField(max_length=200, help_text="Why; kept in the audit trail.")

    class Meta:
        model = FeatureFlag
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles: Any = self.fields["roles"]
        roles.choices = [(name, name) for name in Group.objects.order_by("name").values_list("name", flat=True)]
        setting = setting_of(self.instance.name)
        for name in Setting.__dataclass_fields__:
            self.fields[name].initial = getattr(setting, name)
        for name in ("always_on", "always_off"):
            self.fields[name].initial = "\n".join(sorted(map(_name_of, getattr(setting, name))))

    def setting(self) -> Setting:
        given = self.cleaned_data
        values = {name: given[name] for name in Setting.__dataclass_fields__}
        lists = {name: frozenset(given[name]) for name in ("roles", "platforms")}
        return Setting(**values | lists | {"state": State(given["state"])})

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                services.check(self.setting())
            except AppError as error:
                raise ValidationError(error.message) from error
        return given


@admin.register(FeatureFlag)
class FlagAdmin(NamedFilters, admin.ModelAdmin):  # type: ignore[type-arg]
    """Flags are declared in code, so none is added or deleted here."""

    form = FlagForm
    list_display = ("name", "state", "default", "rollout", "for_roles", "for_platforms", "description", "updated_at")
    ordering = ("name",)
    search_fields = ("name",)
    fields = ("description", "default", *Setting.__dataclass_fields__, "reason")
    readonly_fields = ("description", "default")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return staff_may(request.user, FLAGS)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return staff_may(request.user, FLAGS)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return staff_may(request.user, FLAGS) and (obj is None or find_flag(obj.name) is not None)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display
    def description(self, row: FeatureFlag) -> str:
        flag = find_flag(row.name)
        return flag.description if flag else "No app declares it any more."

    @admin.display(description="declared as")
    def default(self, row: FeatureFlag) -> str:
        flag = find_flag(row.name)
        return ("on" if flag.default else "off") if flag else "—"

    @admin.display(description="roles")
    def for_roles(self, row: FeatureFlag) -> str:
        return ", ".join(row.roles) or "any"

    @admin.display(description="platforms")
    def for_platforms(self, row: FeatureFlag) -> str:
        return ", ".join(row.platforms) or "any"

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        actor = cast("AbstractBaseUser", request.user).pk
        services.set_flag(actor=actor, name=obj.name, setting=form.setting(), reason=form.cleaned_data["reason"])

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        if is_decided_elsewhere():
            messages.warning(request, "LaunchDarkly decides here; what is set on these screens has no effect.")
        return super().changelist_view(request, extra_context)


def _id_of(name: str) -> str:
    if "@" not in name:
        return str(_uuid(name))
    user = find_by_email(name)
    if user is None:
        raise ValidationError(f"There is nobody with the address {name}.")
    return str(user.id)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise ValidationError(f"{text} is neither an address nor an id.") from error


def _name_of(id_: str) -> str:
    user = find_user(UUID(id_))
    return user.email if user else id_
