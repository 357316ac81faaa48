import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access import personas
from access.models import Role, Scope
from core.contributions import scopes as contributions
from core.contributions.scopes import Persona, declared_scopes
from core.contributions.scopes import Scope as Declared

pytestmark = pytest.mark.django_db

NEW = Declared("wallet:dance", "Dance with the wallet.", frozenset({Persona.CLIENT, Persona.MENTOR}))


def held(scope: str) -> set[str]:
    return set(Role.objects.filter(permissions__codename=scope).values_list("name", flat=True))


@pytest.fixture
def _newly_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contributions, "_scopes", {**contributions._scopes, NEW.name: NEW})
    personas.synchronise()


def test_synchronise__after_migrate__has_every_persona_and_declared_scope_with_its_defaults() -> None:
    assert set(Persona) <= set(Role.objects.values_list("name", flat=True))
    assert {scope.name: held(scope.name) for scope in declared_scopes()} == {
        scope.name: set(scope.personas) for scope in declared_scopes()
    }


@pytest.mark.usefixtures("_newly_declared")
def test_synchronise__new_scope__is_given_to_its_personas() -> None:
    assert held(NEW.name) == {"client", "mentor"}
    assert Scope.objects.get(codename=NEW.name).name == NEW.description


@pytest.mark.usefixtures("_newly_declared")
def test_synchronise__after_staff_edits__overwrites_nothing() -> None:
    Role.objects.get(name="client").permissions.remove(Scope.objects.get(codename=NEW.name))
    Role.objects.get(name="support").permissions.add(Scope.objects.get(codename=NEW.name))

    personas.synchronise()
    call_command("migrate", verbosity=0)

    assert held(NEW.name) == {"mentor", "support"}


@pytest.mark.usefixtures("_newly_declared")
def test_synchronise__persona_that_came_into_being__gets_its_defaults() -> None:
    Group.objects.filter(name="client").delete()

    personas.synchronise()

    assert held(NEW.name) == {"client", "mentor"}


def test_synchronise__nothing_new__writes_nothing() -> None:
    with CaptureQueriesContext(connection) as queries:
        personas.synchronise()

    assert [query["sql"] for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))] == []
