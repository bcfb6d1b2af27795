"""Withdraw Offer: the operator takes back customers that wait for the word of a partner; nothing of them changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bailiwick.access.permissions import Permission
from bailiwick.access.scope import customers_for
from bailiwick.engine import offers
from bailiwick.engine.action import Change
from bailiwick.engine.handover import withdraw_offers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor
    from bailiwick.engine.batch import Batch
    from bailiwick.models import Customer


class WithdrawOffer(Change):
    """Takes back the selected customers that you offered to a partner. They stay where they are."""

    label = gettext_lazy("Withdraw Offer")
    permission = Permission.CUSTOMER_TRANSFER
    event = "ENTERPRISE_TRANSFER_WITHDRAWN"
    category = "ENTERPRISE"
    from_outside = True
    group = "partner"
    in_menu = False

    def rows(self, actor: Actor) -> QuerySet[Customer]:
        """What waits for the word of a partner."""
        return customers_for(actor).filter(offers.is_open())

    def values(self, params: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:  # noqa: ARG002
        """It changes nothing of the customer."""
        return {}

    def apply(self, batch: Batch) -> None:
        """Closes the offers."""
        if batch.rows.count:
            withdraw_offers(batch)

    def consequences(self, params: Mapping[str, Any]) -> Sequence[str]:  # noqa: ARG002
        """What does not happen."""
        return (_("Nothing of these customers changes. The partner can no longer accept them."),)

    def button(self, count: int, params: Mapping[str, Any]) -> str:  # noqa: ARG002
        """What the button says."""
        return ngettext("Withdraw %(count)s offer", "Withdraw %(count)s offers", count) % {"count": f"{count:,}"}
