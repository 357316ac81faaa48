"""Every table is declared, every field annotated; and the guard that says so finds what is not."""

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.db import models
from django.test.utils import isolate_apps

from accounts.models import User
from core.contributions import privacy as declarations
from core.contributions.privacy import Basis, Category, Delete, Goes, Perform, data, impersonal, personal
from privacy import catalogue, inventory


@pytest.fixture
def _restored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(declarations, "_personal", dict(declarations._personal))
    monkeypatch.setattr(declarations, "_impersonal", dict(declarations._impersonal))


def test_inventory__every_model_and_field__is_declared() -> None:
    assert inventory.gaps(inventory.stored_models()) == []


def test_inventory__every_collection__is_exported_or_says_why_not() -> None:
    silent = [each.collection for each in declarations.personal_data() if each.not_exported == ""]

    assert {"account", "calendar_events", "devices", "security_events", "sessions"} <= set(silent)
    assert all(len(each.not_exported) > 20 for each in declarations.personal_data() if each.not_exported)


def declare(model: Any, **given: Any) -> None:
    usual: dict[str, Any] = {
        "of": "user", "purpose": "Why.", "basis": Basis.CONTRACT, "retention": "a day", "erase": Delete(),
    }  # fmt: skip
    personal(model, "toys", **(usual | given))


@pytest.mark.usefixtures("_restored")
@isolate_apps("tests")
def test_guard__toy_models__are_told_apart() -> None:
    class Toy(models.Model):
        user = models.ForeignKey(User, models.CASCADE, related_name="+")
        note = models.TextField()

        class Meta:
            app_label = "tests"

        def __str__(self) -> str:
            return self.note

    def found() -> list[str]:
        return inventory.gaps([Toy])

    assert found() == ["tests.Toy is declared neither personal nor impersonal; add it to its app's privacy.py."]
    impersonal(Toy, why="It is a toy.")
    assert found() == ["tests.Toy is declared impersonal, but names people: user."]
    declare(Toy, data=[data(Category.IDENTITY, "user"), data(Category.CONTENT, "gone")])
    assert found() == [
        "tests.Toy has fields without annotation: note.",
        "tests.Toy annotates what it has not: gone.",
    ]
    declare(Toy, data=[data(Category.IDENTITY, "user note"), data(Category.CONTENT, "note")], erase=Goes(along="air"))
    assert found() == [
        "tests.Toy annotates a field twice.",
        "tests.Toy goes along with air, which nobody declares.",
    ]
    declare(Toy, data=[data(Category.IDENTITY, "user note")], retention="", withheld={"note": ""})
    assert found() == ["tests.Toy says not why, or not for how long.", "tests.Toy withholds fields without a reason."]
    declare(Toy, data=[data(Category.IDENTITY, "user note")], erase=Perform(lambda user_id: 0))
    assert found() == []


def test_declarations__two_models_under_one_name__are_refused() -> None:
    with pytest.raises(ValueError, match="Two models hold the personal data 'account'"):
        personal(
            models.Model, "account", of="user", purpose="", basis=Basis.CONTRACT, retention="", erase=Delete(), data=[]
        )


def test_data_inventory__as_json__lists_what_the_page_lists(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("data_inventory", json=True)

    listed = json.loads(capsys.readouterr().out)
    page = catalogue.render()
    assert {entry["collection"] for entry in listed} == {each.collection for each in declarations.personal_data()}
    assert all(f"| `{entry['collection']}` | `{entry['model']}` |" in page for entry in listed)
    [password] = [entry for entry in listed if "password" in entry["fields"]]
    assert (password["model"], password["category"]) == ("accounts.User", "credential")
