"""Restore Customer: out of the bin, under a new name where the old one was taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bailiwick.access.permissions import Permission
from bailiwick.access.scope import deleted_customers_for
from bailiwick.access.taken import is_taken
from bailiwick.engine.action import Change
from bailiwick.engine.intake.creation import UNIQUE
from bailiwick.engine.reasons import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor
    from bailiwick.engine.batch import Batch
    from bailiwick.models import Customer

WORDS = {
    "name": gettext_lazy("name"),
    "account_number": gettext_lazy("account number"),
    "domain": gettext_lazy("domain"),
}


class RestoreCustomer(Change):
    """Brings deleted customers back as they were. Their users need a new invitation or password."""

    label = gettext_lazy("Restore Customer")
    permission = Permission.CUSTOMER_RESTORE
    event = "RESTORE_ENTERPRISE"
    category = "ENTERPRISE"
    from_outside = True
    in_menu = False
    gone = gettext_lazy("Not in the bin any more: restored meanwhile, or gone for good.")

    def rows(self, actor: Actor) -> QuerySet[Customer]:
        """Only what is in the bin."""
        return deleted_customers_for(actor)

    def refusals(self, params: Mapping[str, Any], actor: Actor) -> Sequence[Refusal]:  # noqa: ARG002
        """A living customer holds the name, the account number or the domain, or a later one in the bin does."""
        in_bin = deleted_customers_for(actor).filter(pk__gt=OuterRef("pk"))
        held = (Refusal(_is_held(u.key), u.sentence(), u.code) for u in UNIQUE)
        twice = _("A later customer in the bin has the same %(what)s. Restore one of them under a new name.")
        later = (
            Refusal(_same(in_bin, u.key), twice % {"what": WORDS[u.column]}, f"{u.column}_repeated") for u in UNIQUE
        )
        return (*held, *later)

    def values(self, params: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:  # noqa: ARG002
        """The tombstone goes."""
        return {"deleted_at": None}

    def apply(self, batch: Batch) -> None:
        """The tombstone goes, and users come back where their names are still free."""
        batch.give_back_users()
        batch.update(deleted_at=None)

    def button(self, count: int, params: Mapping[str, Any]) -> str:  # noqa: ARG002
        """What the button says."""
        return ngettext("Restore %(count)s customer", "Restore %(count)s customers", count) % {"count": f"{count:,}"}


def _is_held(column: str) -> Q:
    """Whether a living customer has the same; an empty domain is nobody's."""
    return ~Q(**{column: ""}) & is_taken(column, F(column))


def _same(others: QuerySet[Customer], column: str) -> Q:
    """Whether one of the others has the same; an empty domain is nobody's."""
    return ~Q(**{column: ""}) & Q(Exists(others.filter(**{column: OuterRef(column)})))
