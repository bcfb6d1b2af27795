"""Transfer to Partner: customers get a partner, with the delegations and resources that he needs for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bailiwick.access.permissions import Permission
from bailiwick.access.scope import pools_of
from bailiwick.engine import gains, offers
from bailiwick.engine.action import Change
from bailiwick.engine.forms.transfer_form import TransferForm
from bailiwick.engine.handover import hand_over
from bailiwick.engine.reasons import Refusal
from bailiwick.engine.terms import (
    Terms,
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


class TransferToPartner(Change):
    """Gives the selected customers to a partner. Afterwards only a customer itself can grant its partner access."""

    label = gettext_lazy("Transfer to Partner")
    permission = Permission.CUSTOMER_TRANSFER
    event = "ENTERPRISE_TRANSFERRED"
    category = "ENTERPRISE"
    from_outside = True
    relies_on_grants = True
    group = "partner"
    tells_each = True

    class Params(TransferForm):
        """To whom, what each side may do, and what happens where the partner lacks something."""

    def refusals(self, params: Mapping[str, Any], actor: Actor) -> Sequence[Refusal]:  # noqa: ARG002
        """Domain 8.2: nothing is taken silently."""
        return tuple(self._refusals(params))

    def _refusals(self, params: Mapping[str, Any]) -> Iterator[Refusal]:
        partner = params["partner"]
        named = {"partner": partner.name}
        already = _("Belongs to %(partner)s already.") % named
        yield Refusal(Q(partner_id=partner.pk), already, "already_so", harmless=True)
        if not params["from_partner"]:
            yield Refusal(Q(partner_id__isnull=False), _("Belongs to another partner."), "has_partner")
        staged = _("Is staged to the bastion: unstage it first.")
        if offers.are_needed():
            waits = _("Waits for the word of %(partner)s already.") % named
            yield Refusal(offers.is_open(partner_id=partner.pk), waits, "already_offered", harmless=True)
            yield Refusal(offers.is_open(), _("Is offered to another partner."), "offered_elsewhere")
        yield Refusal(is_staged(), staged, "is_staged")
        if params["operator_access"] == "true":
            withdrawn = _("Has withdrawn operator access: only the customer or its partner gives it back.")
            yield Refusal(withdrew_operator(), withdrawn, "access_withdrawn")
        if params["partner_access"]:
            shut = _("Has withdrawn partner access: only the customer gives it back. Transfer it without.")
            yield Refusal(withdrew_partner(), shut, "access_withdrawn")
        yield from _lacking(params, named)

    def values(self, params: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:  # noqa: ARG002
        """The owner and the delegations; a pool changes only where the partner lacks it."""
        return {"partner_id": params["partner"].pk, **Terms.of(params).delegations}

    def apply(self, batch: Batch) -> None:
        """Gives the customers, or offers them where the partner is asked first."""
        partner_id, terms = batch.params["partner"].pk, Terms.of(batch.params)
        if not batch.rows.count:
            return
        if offers.are_needed():
            offers.make(batch, partner_id, terms)
        else:
            hand_over(batch, partner_id, terms)

    def besides(self, rows: Iterable[Customer], params: Mapping[str, Any]) -> Mapping[int, Mapping[str, Any]]:
        """The new pool of those that move."""
        if params["missing_pool"] != "move":
            return {}
        own = set(pools_of(params["partner"].pk).values_list("pk", flat=True))
        pools = {customer.pk: customer.gateway_pool_id for customer in rows}
        return {pk: {"gateway_pool_id": params["gateway_pool"].pk} for pk, pool in pools.items() if pool not in own}

    def warnings(self, rows: QuerySet[Customer], params: Mapping[str, Any]) -> Sequence[str]:
        """Who loses them, which pools and profiles the partner gets, from which pools customers move."""
        return tuple(gains.in_all(rows, params))

    def notes(self, rows: Sequence[Customer], params: Mapping[str, Any]) -> Mapping[int, Sequence[str]]:
        """The same of each customer."""
        return gains.of_each(rows, params)

    def consequences(self, params: Mapping[str, Any]) -> Sequence[str]:
        """What each side gains and loses."""
        named = {"partner": params["partner"].name}
        sees = _("Users of %(partner)s see these customers at once, and may open them.")
        name_only = _("Users of %(partner)s see the names of these customers, and cannot open them.")
        asked = _("%(partner)s is asked first and has 7 days. Until it accepts, nothing of this changes.") % named
        told = [asked] if offers.are_needed() else []
        told += [(sees if params["partner_access"] else name_only) % named]
        if params["operator_access"] == "false":
            told.append(_("Operators can no longer open these customers; only a customer or its partner changes that."))
        return (*told, _("Afterwards only a customer itself can grant its partner access."))

    def sentence(self, params: Mapping[str, Any]) -> str:
        """The title of the job."""
        title = _("Offer to %(partner)s") if offers.are_needed() else _("Transfer to %(partner)s")
        return title % {"partner": params["partner"].name}

    def button(self, count: int, params: Mapping[str, Any]) -> str:  # noqa: ARG002
        """What the button says."""
        offer = ngettext("Offer %(count)s customer", "Offer %(count)s customers", count)
        give = ngettext("Transfer %(count)s customer", "Transfer %(count)s customers", count)
        return (offer if offers.are_needed() else give) % {"count": f"{count:,}"}


def _lacking(params: Mapping[str, Any], named: Mapping[str, str]) -> Iterator[Refusal]:
    """What the partner may not give, and does not get by this."""
    partner_id, goes = params["partner"].pk, params["missing_pool"]
    if goes == "move":
        left = ~Exists(pools_of(partner_id).filter(pk=params["gateway_pool"].pk))
        gone = _("%(partner)s no longer has the gateway pool to which it would move.") % named
        yield Refusal(lacks_pool(partner_id) & Q(left), gone, "pool_gone")
    else:
        foreign = _("Its gateway pool belongs to another partner: move it to a pool of the new one.")
        yield Refusal(others_pool(partner_id), foreign, "pool_of_another_partner")
    if goes == "refuse":
        yield Refusal(lacks_pool(partner_id), _("%(partner)s lacks its gateway pool.") % named, "pool_lacking")
    if not params["add_profiles"]:
        lacks = _("%(partner)s lacks its operator profile.") % named
        yield Refusal(lacks_profile(partner_id), lacks, "profile_lacking")
