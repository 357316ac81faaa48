from typing import Any

import pytest
from rest_framework import serializers

from accounts.models import User
from core.errors import Invalid
from core.http.fieldsets import EVERYTHING, Fieldset, fieldset_of
from core.http.rows import Uncompilable, compile_rows
from core.http.serializers import Computed, ModelSerializer, Serializer
from core.http.wire import Case, Wire
from core.testing.rows import assert_lean_equals_serializer
from tests.core.http.people import PersonSerializer, principal
from tests.core.http.wiring import people

TRAINS = ["2024.09", "2024.08", "2024.07", "2024.06"]


@pytest.mark.django_db
@pytest.mark.parametrize("train", TRAINS)
@pytest.mark.parametrize("case", list(Case))
@pytest.mark.parametrize(
    "fieldset",
    [
        EVERYTHING,
        Fieldset(frozenset({"id", "full_name"})),
        Fieldset(frozenset({"_links"})),
        Fieldset(frozenset({"balance"})),
    ],
)
def test_rows__any_surface_train_and_choice__the_serializers_bytes(case: Case, train: str, fieldset: Fieldset) -> None:
    people("Ada Lovelace", "Zoë “Z” Ünïcode", "One")
    User.objects.filter(full_name="One").update(is_active=False)
    caller = principal(User.objects.all()[0].id, "people:edit")

    assert_lean_equals_serializer(
        PersonSerializer, User.objects.order_by("id"), wire=Wire(case, train), fieldset=fieldset, caller=caller,
        context={"zone": "UTC"},
    )  # fmt: skip


class GroupedSerializer(ModelSerializer):
    class Meta:
        model = User
        fields = ("id", "groups")


class MethodSerializer(Serializer):
    shout = serializers.SerializerMethodField()

    def get_shout(self, person: Any) -> str:
        return str(person)


class LoudField(serializers.CharField):
    def to_representation(self, value: Any) -> str:
        return str(value).upper()


class LoudSerializer(Serializer):
    full_name = LoudField()


class FormattedSerializer(Serializer):
    created_at = serializers.DateTimeField(format="%Y")


@pytest.mark.parametrize("unknown", [GroupedSerializer, MethodSerializer, LoudSerializer, FormattedSerializer])
def test_compile__field_with_a_rendering_of_its_own__refused(unknown: Any) -> None:
    with pytest.raises(Uncompilable):
        compile_rows(unknown)


def test_compile__same_choice_again__the_same_function() -> None:
    assert compile_rows(PersonSerializer) is compile_rows(PersonSerializer)


class OwnerSerializer(Serializer):
    id = serializers.UUIDField()
    full_name = serializers.CharField()


class MembershipSerializer(Serializer):
    user = serializers.PrimaryKeyRelatedField[Any](read_only=True)
    role = serializers.CharField()
    member = Computed(lambda name: name.upper(), "user__full_name", output=serializers.CharField())

    expandable = {"user": OwnerSerializer}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fieldset",
    [EVERYTHING, Fieldset(expand=frozenset({"user"})), Fieldset(frozenset({"role", "user"}), frozenset({"user"}))],
)
def test_rows__expanded_relation__embedded_as_the_serializer_does(fieldset: Fieldset) -> None:
    from accounts.models import Membership, Workspace  # noqa: PLC0415

    (ada,) = people("Ada")
    Membership.objects.create(user=ada, workspace=Workspace.objects.create(name="W"), role="owner")
    shown = assert_lean_equals_serializer(MembershipSerializer, Membership.objects.all(), fieldset=fieldset)

    user = {"id": str(ada.id), "full_name": "Ada"} if fieldset.expand else str(ada.id)
    whole = {"user": user, "role": "owner", "member": "ADA"}
    assert shown == [{name: value for name, value in whole.items() if fieldset.shows(name)}]


@pytest.mark.parametrize("fields", ["role", "role,user"])
def test_fieldset__expanded_beside_some_fields__is_shown_whether_named_or_not(fields: str) -> None:
    asked = fieldset_of({"fields": fields, "expand": "user"}, Wire(Case.SNAKE), ["role"], ["user"])

    assert [name for name in ("role", "user", "member") if asked.shows(name)] == ["role", "user"]


def test_fieldset__expandable_named_and_not_expanded__is_no_field() -> None:
    with pytest.raises(Invalid):
        fieldset_of({"fields": "user"}, Wire(Case.SNAKE), ["role"], ["user"])
