"""Roles and scopes as rows: what apps declare appears in the database after every `migrate`.

A new scope is given to its default personas once, and so is every default scope to a new persona. From then on
staff decide: nothing that exists is touched, and scopes that are no longer declared stay until staff remove them.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import connections, transaction

from access.models import Role, Scope
from core.contributions.scopes import Persona, declared_scopes


def synchronise(using: str = "default", **kwargs: Any) -> None:
    """Create the roles and scopes that are missing. Runs after every `migrate`."""
    if Group._meta.db_table not in connections[using].introspection.table_names():
        return  # a partial migration, of another app alone
    with transaction.atomic(using=using):
        new_scopes, new_personas = _create_scopes(using), _create_personas(using)
        _give_defaults(using, new_scopes, new_personas)


def _create_scopes(using: str) -> set[str]:
    content_type, _ = ContentType.objects.using(using).get_or_create(app_label="access", model="scope")
    known = set(Scope.objects.using(using).values_list("codename", flat=True))
    missing = [scope for scope in declared_scopes() if scope.name not in known]
    Scope.objects.using(using).bulk_create(
        Scope(content_type=content_type, codename=scope.name, name=scope.description) for scope in missing
    )
    return {scope.name for scope in missing}


def _create_personas(using: str) -> set[str]:
    known = set(Role.objects.using(using).values_list("name", flat=True))
    missing = [persona for persona in Persona if persona not in known]
    Role.objects.using(using).bulk_create(Role(name=persona) for persona in missing)
    return set(missing)


def _give_defaults(using: str, new_scopes: Iterable[str], new_personas: Iterable[str]) -> None:
    defaults = [
        (persona, scope.name)
        for scope in declared_scopes()
        for persona in scope.personas
        if scope.name in new_scopes or persona in new_personas
    ]
    if not defaults:
        return
    roles = dict(Role.objects.using(using).values_list("name", "pk"))
    scopes = dict(Scope.objects.using(using).values_list("codename", "pk"))
    held = Group.permissions.through
    held.objects.using(using).bulk_create(
        (held(group_id=roles[persona], permission_id=scopes[scope]) for persona, scope in defaults),
        ignore_conflicts=True,
    )
