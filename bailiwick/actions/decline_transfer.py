"""Decline Transfer: a partner does not want customers that the operator offered it; nothing of them changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bailiwick.access.permissions import Permission
from bailiwick.access.scope import offered_customers_for
from bailiwick.access.wall import Beyond
from bailiwick.engine import offers
from bailiwick.engine.action import Change

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor
    from bailiwick.engine.batch import Batch
    from bailiwick.engine.reasons import Refusal
    from bailiwick.models import Customer


class DeclineTransfer(Change):
    """Refuses the selected customers that the operator offers you. They stay where they are."""

    label = gettext_lazy("Decline Transfer")
    permission = Permission.CUSTOMER_ACCEPT
    event = "ENTERPRISE_TRANSFER_DECLINED"
    category = "ENTERPRISE"
    group = "partner"
    in_menu = False
    past_wall = Beyond.OFFER

    def rows(self, actor: Actor) -> QuerySet[Customer]:
        """What is offered to this partner."""
        return offered_customers_for(actor)

    def rules(self, params: Mapping[str, Any], actor: Actor) -> Sequence[Refusal]:  # noqa: ARG002
        """Nobody is made to take a customer."""
        return ()

    def told(self, rows: QuerySet[Customer], actor: Actor) -> QuerySet[Customer]:  # noqa: ARG002
        """Nothing of what is not the partner's."""
        return rows.none()

    def values(self, params: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:  # noqa: ARG002
        """It changes nothing of the customer."""
        return {}

    def apply(self, batch: Batch) -> None:
        """Closes the offers."""
        if batch.rows.count:
            offers.decline(batch, batch.actor.partner_id or 0)

    def consequences(self, params: Mapping[str, Any]) -> Sequence[str]:  # noqa: ARG002
        """What does not happen."""
        return (_("Nothing of these customers changes. The operator sees that you declined."),)

    def button(self, count: int, params: Mapping[str, Any]) -> str:  # noqa: ARG002
        """What the button says."""
        return ngettext("Decline %(count)s customer", "Decline %(count)s customers", count) % {"count": f"{count:,}"}
