"""Chainable querysets of listings and applications."""

from collections.abc import Sequence
from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from access.types import Principal
from explorer.types import SHOWN, ListingStatus
from safety.selectors import unblocked

_SHOWN = Q(status__in=SHOWN, is_withheld=False)


class ListingQuerySet(models.QuerySet[Any]):
    def visible_to(self, principal: Principal) -> Self:
        """Everything that the caller may read: the rule behind list, detail, search, feed and export."""
        return self.shown_to(principal).unblocked(principal)

    def shown_to(self, principal: Principal) -> Self:
        """What the caller could read if nobody blocked anybody."""
        return self.filter(_SHOWN | Q(owner_id=principal.user_id))

    def shown(self) -> Self:
        """What everybody could read if nobody blocked anybody."""
        return self.filter(_SHOWN)

    def unblocked(self, principal: Principal) -> Self:
        """Without what belongs to people whom the caller blocks, or who block the caller."""
        return self.filter(unblocked(principal.user_id, "owner_id"))

    def open(self) -> Self:
        return self.filter(status=ListingStatus.OPEN, is_withheld=False)

    def owned_by(self, principal: Principal) -> Self:
        return self.filter(owner_id=principal.user_id)

    def with_any_tag(self, slugs: Sequence[str]) -> Self:
        tagged = self.model._meta.get_field("tagged").related_model
        return self.filter(Exists(tagged._default_manager.filter(listing=OuterRef("pk"), tag__in=slugs)))


class ApplicationQuerySet(models.QuerySet[Any]):
    def visible_to(self, principal: Principal) -> Self:
        """Those the caller sent, and those to the caller's listings."""
        return self.filter(Q(applicant_id=principal.user_id) | Q(listing__owner_id=principal.user_id))
