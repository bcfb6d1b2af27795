"""Accept Transfer: a partner takes customers that the operator offered it, on the terms of the offer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bailiwick.access.permissions import Permission
from bailiwick.access.scope import offered_customers_for, pools_of
from bailiwick.access.wall import Beyond
from bailiwick.engine import offers
from bailiwick.engine.action import Change
from bailiwick.engine.handover import hand_over
from bailiwick.engine.reasons import Refusal
from bailiwick.engine.terms import (
    is_staged,
    lacks_pool,
    lacks_profile,
    others_pool,
    withdrew_operator,
    withdrew_partner,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor
    from bailiwick.engine.batch import Batch
    from bailiwick.models import Customer


class AcceptTransfer(Change):
    """Takes the selected customers that the operator offers you, on the terms of each offer."""

    label = gettext_lazy("Accept Transfer")
    permission = Permission.CUSTOMER_ACCEPT
    event = "ENTERPRISE_TRANSFERRED"
    category = "ENTERPRISE"
    relies_on_grants = True
    group = "partner"
    in_menu = False
    tells_before = False
    past_wall = Beyond.OFFER

    def rows(self, actor: Actor) -> QuerySet[Customer]:
        """What is offered to this partner."""
        return offered_customers_for(actor)

    def rules(self, params: Mapping[str, Any], actor: Actor) -> Sequence[Refusal]:  # noqa: ARG002
        """They are not the partner's yet: what they gave it before does not matter."""
        return tuple(self._refusals(actor.partner_id or 0))

    def told(self, rows: QuerySet[Customer], actor: Actor) -> QuerySet[Customer]:  # noqa: ARG002
        """Nothing of what is not the partner's yet."""
        return rows.none()

    def _refusals(self, partner_id: int) -> Iterator[Refusal]:
        """What was judged when it was offered may have changed since."""
        keeps = Q(partner_id__isnull=False) & ~Q(partner_id=partner_id) & _on(partner_id, from_partner=False)
        yield Refusal(keeps, _("Has got another partner since it was offered."), "has_partner")
        yield Refusal(is_staged(), _("Is staged to the bastion: it cannot move now."), "is_staged")
        reopened = withdrew_operator() & _on(partner_id, operator_access=True)
        yield Refusal(reopened, _("Has withdrawn operator access since it was offered."), "access_withdrawn")
        shut = withdrew_partner() & _on(partner_id, partner_access=True)
        yield Refusal(shut, _("Has withdrawn partner access since it was offered."), "access_withdrawn")
        unmoved = others_pool(partner_id) & ~_on(partner_id, missing_pool="move")
        yield Refusal(unmoved, _("Is in a gateway pool of another partner by now."), "pool_of_another_partner")
        lacks = lacks_pool(partner_id) & _on(partner_id, missing_pool="refuse")
        yield Refusal(lacks, _("Is in a gateway pool that you lack."), "pool_lacking")
        place = pools_of(partner_id).values("pk")
        still = offers.open_offers().filter(gateway_pool_id__in=place).values("customer_id")
        gone = lacks_pool(partner_id) & _on(partner_id, missing_pool="move") & ~Q(pk__in=still)
        yield Refusal(gone, _("The gateway pool to which it would move is no longer yours."), "pool_gone")
        profile = lacks_profile(partner_id) & _on(partner_id, add_profiles=False)
        yield Refusal(profile, _("Has an operator profile that you lack."), "profile_lacking")

    def values(self, params: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:  # noqa: ARG002
        """Each offer has its own terms: a preview shows the names."""
        return {}

    def besides(self, rows: Iterable[Customer], params: Mapping[str, Any]) -> Mapping[int, Mapping[str, Any]]:  # noqa: ARG002
        """What each offer sets: the owner, the accesses, and the pool of those that move."""
        found = offers.open_offers().filter(customer_id__in=[customer.pk for customer in rows])
        return {offer.customer_id: offers.outcome_of(offer) for offer in found}

    def apply(self, batch: Batch) -> None:
        """The offers are closed; then those on the same terms go together."""
        partner_id = batch.actor.partner_id or 0
        if not batch.rows.count:
            return
        agreed = list(offers.by_terms(batch, partner_id))
        offers.accept(batch, partner_id)
        for terms, rows in agreed:
            hand_over(batch.among(rows), partner_id, terms)

    def consequences(self, params: Mapping[str, Any]) -> Sequence[str]:  # noqa: ARG002
        """What begins."""
        return (_("They are your customers at once, on the terms that each offer names."),)

    def button(self, count: int, params: Mapping[str, Any]) -> str:  # noqa: ARG002
        """What the button says."""
        return ngettext("Accept %(count)s customer", "Accept %(count)s customers", count) % {"count": f"{count:,}"}


def _on(partner_id: int, **terms: Any) -> Q:
    return offers.is_open(partner_id=partner_id, **terms)
