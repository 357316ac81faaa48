"""Whatever writes a tracked table, the change feed hears of it."""

from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.utils import timezone

from core.contributions.feed import tracked
from events import selectors, services, triggers
from events.models import Change, OutboxEvent
from tests.events.facts import logged, new_fact

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tracked_facts")]


def test_feed__row_created__is_put_in_each_of_its_scopes() -> None:
    fact = new_fact(actor_id=uuid4())
    fact.save()

    assert logged(f"u:{fact.actor_id}") == {fact.pk: "p"}
    assert logged(f"a:{fact.aggregate_id}") == {fact.pk: "p"}
    assert logged("all", "notes")[fact.pk] == "p"


def test_feed__scope_field_null__row_stands_in_the_other_scopes_only() -> None:
    fact = new_fact()
    fact.save()

    scopes = set(Change.objects.filter(collection="facts", row_id=fact.pk).values_list("scope", flat=True))

    assert scopes == {f"a:{fact.aggregate_id}"}


def test_feed__bulk_create_and_bulk_update__catch_every_row() -> None:
    actor, other = uuid4(), uuid4()
    facts = OutboxEvent.objects.bulk_create(new_fact(actor_id=actor) for _ in range(20))
    assert logged(f"u:{actor}") == {fact.pk: "p" for fact in facts}

    for fact in facts[:5]:
        fact.actor_id = other
    OutboxEvent.objects.bulk_update(facts[:5], ["actor_id"])

    assert logged(f"u:{other}") == {fact.pk: "p" for fact in facts[:5]}
    assert logged(f"u:{actor}") == {fact.pk: "d" for fact in facts[:5]} | {fact.pk: "p" for fact in facts[5:]}


def test_feed__owner_moves_away_and_back__is_deleted_in_the_scope_it_left() -> None:
    actor, other = uuid4(), uuid4()
    fact = new_fact(actor_id=actor)
    fact.save()

    OutboxEvent.objects.filter(pk=fact.pk).update(actor_id=other)
    assert (logged(f"u:{actor}"), logged(f"u:{other}")) == ({fact.pk: "d"}, {fact.pk: "p"})

    OutboxEvent.objects.filter(pk=fact.pk).update(actor_id=actor)
    assert (logged(f"u:{actor}"), logged(f"u:{other}")) == ({fact.pk: "p"}, {fact.pk: "d"})

    OutboxEvent.objects.filter(pk=fact.pk).update(actor_id=None)
    assert (logged(f"u:{actor}"), logged(f"u:{other}")) == ({fact.pk: "d"}, {fact.pk: "d"})
    assert logged(f"a:{fact.aggregate_id}") == {fact.pk: "p"}


def test_feed__upsert__puts_created_and_updated_rows() -> None:
    actor = uuid4()
    old, new = new_fact(), new_fact(actor_id=actor)
    old.save()
    old.actor_id = actor

    OutboxEvent.objects.bulk_create([old, new], update_conflicts=True, unique_fields=["id"], update_fields=["actor_id"])

    assert logged(f"u:{actor}") == {old.pk: "p", new.pk: "p"}


def test_feed__raw_sql_delete__is_caught() -> None:
    facts = OutboxEvent.objects.bulk_create(new_fact(name="test.raw", actor_id=uuid4()) for _ in range(2))

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM events_outbox WHERE name = 'test.raw'")

    assert [logged(f"u:{fact.actor_id}") for fact in facts] == [{fact.pk: "d"} for fact in facts]


def test_feed__rolled_back__leaves_neither_change_nor_version() -> None:
    fact = new_fact(actor_id=uuid4())
    scope = f"u:{fact.actor_id}"
    before = selectors.version_of(scopes=["all"], collections=["notes"])

    with transaction.atomic():
        fact.save()
        assert logged(scope) == {fact.pk: "p"}
        transaction.set_rollback(True)

    assert logged(scope) == {}
    assert selectors.version_of(scopes=["all"], collections=["notes"]) == before


def test_feed__row_changed_again__keeps_one_entry_with_a_later_stamp() -> None:
    fact = new_fact(actor_id=uuid4())
    fact.save()
    first = Change.objects.get(scope=f"u:{fact.actor_id}")

    OutboxEvent.objects.filter(pk=fact.pk).update(name="test.other")
    second = Change.objects.get(scope=f"u:{fact.actor_id}")

    assert (second.xid, second.seq) > (first.xid, first.seq)
    assert second.op == "p"


def test_feed__text_scope__is_written_as_it_is() -> None:
    user = get_user_model().objects.create(email="feed@example.com", locale="pt-BR")

    assert logged("l:pt-BR", "people")[user.pk] == "p"
    assert logged(f"u:{user.pk}", "people") == {user.pk: "p"}


def test_feed__owner_deleted__cascade_is_caught_in_the_scope_of_the_foreign_key() -> None:
    user = get_user_model().objects.create(email="cascade@example.com")
    phone = apps.get_model("accounts", "Device").objects.create(user=user, last_seen_at=timezone.now())
    scope = f"u:{user.pk}"
    assert logged(scope, "phones") == {phone.pk: "p"}
    phone_id, user_id = phone.pk, user.pk

    user.delete()

    assert logged(scope, "phones") == {phone_id: "d"}
    assert logged(scope, "people") == {user_id: "d"}


def test_rev__writer_forgets_it__is_counted_up_with_updated_at() -> None:
    users = get_user_model().objects
    user = users.create(email="rev@example.com")

    users.filter(pk=user.pk).update(full_name="Ada")
    changed = users.get(pk=user.pk)

    assert (changed.rev, changed.full_name) == (2, "Ada")
    assert changed.updated_at > user.updated_at


def test_rev__writer_counts_it_up_or_changes_nothing__is_left_alone() -> None:
    users = get_user_model().objects
    user = users.create(email="rev2@example.com", full_name="Ada")

    users.filter(pk=user.pk).update(full_name="Grace", rev=2)
    assert users.get(pk=user.pk).rev == 2

    users.filter(pk=user.pk).update(full_name="Grace")
    assert users.get(pk=user.pk).rev == 2


def test_rev__stale_copy_saved__still_moves_forwards() -> None:
    users = get_user_model().objects
    user = users.create(email="rev3@example.com")
    users.filter(pk=user.pk).update(full_name="Ada", rev=7)

    user.full_name = "Grace"
    user.save()

    assert users.get(pk=user.pk).rev == 8


def test_install__up_to_date__changes_nothing() -> None:
    before = triggers.installed()

    services.install_feed()

    assert triggers.installed() == before
    assert {name.rpartition("_")[0] for name in before} >= {
        "feed_insert_facts",
        "feed_update_facts",
        "feed_delete_facts",
        "feed_rev_accounts_user",
    }


def test_install__declaration_changed__replaces_the_triggers() -> None:
    before = {name for name in triggers.installed() if name.startswith("feed_insert_facts")}
    tracked(OutboxEvent, "facts", u="actor_id")
    assert [name.rpartition("_")[0] for name in selectors.missing_triggers()] == [
        "feed_delete_facts",
        "feed_insert_facts",
        "feed_update_facts",
    ]

    services.install_feed()
    fact = new_fact(actor_id=uuid4())
    fact.save()

    after = {name for name in triggers.installed() if name.startswith("feed_insert_facts")}
    assert len(after) == 1
    assert not after & before
    assert selectors.missing_triggers() == []
    assert logged(f"u:{fact.actor_id}") == {fact.pk: "p"}
    assert logged(f"a:{fact.aggregate_id}") == {}


def test_missing_triggers__one_was_dropped__names_it() -> None:
    name = next(name for name in triggers.installed() if name.startswith("feed_delete_notes"))
    with connection.cursor() as cursor:
        table = f" ON {OutboxEvent._meta.db_table}" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER {name}{table}")

    assert selectors.missing_triggers() == [name]


def test_tracked__name_taken_by_another_model__is_refused() -> None:
    with pytest.raises(ValueError, match="Two models are tracked as 'facts'"):
        tracked(get_user_model(), "facts")
