"""Restore Customer: out of the bin, under a new name where the old one was taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bailiwick.access.permissions import Permission
from bailiwick.access.scope import deleted_customers_for, every_living_customer
from bailiwick.engine.action import Change, Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor
    from bailiwick.engine.batch import Batch
    from bailiwick.models import Customer


class RestoreCustomer(Change):
    """Brings deleted customers back as they were. Their users need a new invitation or password."""

    label = gettext_lazy("Restore Customer")
    permission = Permission.CUSTOMER_RESTORE
    event = "RESTORE_ENTERPRISE"
    category = "ENTERPRISE"
    in_menu = False

    def rows(self, actor: Actor) -> QuerySet[Customer]:
        """Only what is in the bin."""
        return deleted_customers_for(actor)

    def refusals(self, params: Mapping[str, Any], actor: Actor) -> Sequence[Refusal]:  # noqa: ARG002
        """A living customer holds the name, the account number or the domain."""
        return (
            Refusal(_held("name_key"), _("Another customer has this name now."), "name_taken"),
            Refusal(_held("account_key"), _("Another customer has this account number now."), "account_taken"),
            Refusal(
                ~Q(domain_key="") & _held("domain_key"), _("Another customer has this domain now."), "domain_taken"
            ),
        )

    def values(self, params: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:  # noqa: ARG002
        """The tombstone goes."""
        return {"deleted_at": None}

    def apply(self, batch: Batch) -> None:
        """The tombstone goes, and users come back where their names are still free."""
        batch.give_back_users()
        batch.update(deleted_at=None)

    def button(self, count: int) -> str:
        """What the button says."""
        return ngettext("Restore %(count)s customer", "Restore %(count)s customers", count) % {"count": f"{count:,}"}


def _held(column: str) -> Q:
    return Q(Exists(every_living_customer().filter(**{column: OuterRef(column)})))
