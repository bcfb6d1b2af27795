"""Delete Customer: into the bin for 30 days; names are free and sign-ins end at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bailiwick.access.permissions import Permission
from bailiwick.access.told import open_to
from bailiwick.engine.action import Change
from bailiwick.engine.handover import withdraw_offers
from bailiwick.engine.reasons import Refusal
from bailiwick.models import BastionState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from bailiwick.access.actor import Actor
    from bailiwick.engine.batch import Batch


class DeleteCustomer(Change):
    """Deletes the selected customers. Their edges must be removed first; they can be restored for 30 days."""

    label = gettext_lazy("Delete Customer")
    permission = Permission.CUSTOMER_DELETE
    event = "DELETE_ENTERPRISE"
    category = "ENTERPRISE"
    from_outside = True
    destroys = True
    inverse = "restore-customer"

    def refusals(self, params: Mapping[str, Any], actor: Actor) -> Sequence[Refusal]:  # noqa: ARG002
        """Edges hold a customer, and so does the bastion (domain 6)."""
        unstaged = (BastionState.UNCONFIGURED, BastionState.UNSTAGED)
        closed = Q(stat__edges__gt=0) & ~open_to(actor)
        return (
            Refusal(
                closed, _("Is closed to you, and must be empty first: its customer removes what is left."), "has_edges"
            ),
            Refusal(Q(stat__edges=1), _("Has 1 edge: remove it first."), "has_edges"),
            Refusal(
                Q(stat__edges__gt=1),
                _("Has edges: remove them first."),
                "has_edges",
                counting="stat__edges",
                counted=_("Has %(n)s edges: remove them first."),
            ),
            Refusal(~Q(bastion_state__in=unstaged), _("Is staged to the bastion: unstage it first."), "is_staged"),
        )

    def values(self, params: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:  # noqa: ARG002
        """A tombstone; the purge after 30 days removes the rest."""
        return {"deleted_at": now}

    def apply(self, batch: Batch) -> None:
        """The tombstone, the end of every sign-in of the customer's users, and of what was offered to a partner."""
        batch.update(**self.values(batch.params, now=batch.now))
        withdraw_offers(batch)
        batch.end_access()

    def consequences(self, params: Mapping[str, Any]) -> Sequence[str]:  # noqa: ARG002
        """What goes along."""
        return (
            _("Users of these customers are signed out and their tokens end at once."),
            _("Names, account numbers and user names become free."),
            _("Restore is possible for 30 days. Events are kept."),
        )

    def button(self, count: int, params: Mapping[str, Any]) -> str:  # noqa: ARG002
        """What the button says."""
        return ngettext("Delete %(count)s customer", "Delete %(count)s customers", count) % {"count": f"{count:,}"}
