"""Chainable querysets of accounts and what moves on them."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

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


class AccountQuerySet(OwnedQuerySet):
    account, workspace = "", "workspace"

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
