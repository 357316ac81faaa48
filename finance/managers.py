"""Chainable querysets of accounts and what moves on them."""

from typing import Any, Self
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.selectors import homes_of
from finance.types import Viewer


class OwnedQuerySet(models.QuerySet[Any]):
    """Rows that are the caller's workspace's, but for what belongs to single colleagues.

    Attributes:
        account: the path to the account that decides.
        workspace: the path to its workspace.
    """

    account, workspace = "account__", "account__workspace"

    def visible_to(self, viewer: Viewer) -> Self:
        if viewer.workspace_id is None:  # and the platform's own accounts have none either
            return self.none()
        everybodys, own = Q(**{f"{self.account}owner": None}), Q(**{f"{self.account}owner": viewer.user_id})
        return self.filter(everybodys | own, **{self.workspace: viewer.workspace_id})

    def seen(self, *, besides: UUID | None = None) -> Self:
        """Rows that somebody may see, `besides` one person: who is suspended too, as they may come back."""
        return self.filter(self._seen(besides))

    def _seen(self, besides: UUID | None = None) -> Q:
        people = get_user_model().objects.filter(closed_at=None).exclude(id__in=[besides] if besides else [])
        colleagues = Exists(people.filter(memberships__workspace=OuterRef(self.workspace)))
        owner = Exists(people.filter(id=OuterRef(f"{self.account}owner")))
        return Q(owner) | Q(colleagues, **{f"{self.account}owner": None})


class AccountQuerySet(OwnedQuerySet):
    account, workspace = "", "workspace"

    def belonging_to(self, user_id: UUID) -> Self:
        """The accounts that are one person's alone: in the workspace of their own, and theirs in others."""
        return self.filter(Q(workspace__in=homes_of(user_id), owner=None) | Q(owner=user_id))

    def unclaimed(self) -> Self:
        """Accounts of people that hold money, and that nobody is left to see."""
        return self.exclude(workspace=None).filter(~self._seen(), balance__gt=0)

    def in_order(self) -> Self:
        """The one order in which accounts stand everywhere."""
        return self.order_by("position", "name", "id")


class PostingQuerySet(OwnedQuerySet):
    workspace = "workspace"  # its own column, so that one index gives the newest


class PayoutQuerySet(OwnedQuerySet):
    pass


class ExportQuerySet(models.QuerySet[Any]):
    """Exports are their maker's alone, in the workspace they were made in."""

    def visible_to(self, viewer: Viewer) -> Self:
        return self.filter(user_id=viewer.user_id, workspace_id=viewer.workspace_id)
