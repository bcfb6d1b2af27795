"""Release from Partner: customers are the operator's own again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bailiwick.access.permissions import Permission
from bailiwick.access.scope import gateway_pools_for
from bailiwick.engine import handover
from bailiwick.engine.action import Change
from bailiwick.engine.forms.form import DefaultsForm
from bailiwick.engine.forms.row_field import RowField
from bailiwick.engine.reasons import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor
    from bailiwick.engine.batch import Batch
    from bailiwick.models import Customer


class ReleaseFromPartner(Change):
    """Takes the selected customers from their partners. Partner users lose them at once; edges keep running."""

    label = gettext_lazy("Release from Partner")
    permission = Permission.CUSTOMER_TRANSFER
    event = "ENTERPRISE_RELEASED"
    category = "ENTERPRISE"
    from_outside = True
    group = "partner"
    pointless = (Q(partner_id__isnull=True), gettext_lazy("Has no partner."))

    class Params(DefaultsForm):
        """Where customers go that are in a pool of their partner's own."""

        gateway_pool = RowField(
            label=gettext_lazy("New pool for customers in a pool of their partner's own"),
            queryset=None,
            required=False,
            empty_label=gettext_lazy("None: leave those customers with their partner"),
            help_text=gettext_lazy("Their edges connect anew, sessions are interrupted. All others keep their pool."),
        )

        def prepare(self) -> None:
            """The operator's own pools."""
            pools = gateway_pools_for(self.actor).filter(partner=None).order_by("name_key")
            self.fields["gateway_pool"].queryset = pools  # type: ignore[attr-defined]

    def refusals(self, params: Mapping[str, Any], actor: Actor) -> Sequence[Refusal]:  # noqa: ARG002
        """Domain 8.3."""
        is_direct, because = self.pointless
        direct = Refusal(is_direct, str(because), "already_so", harmless=True)
        if params["gateway_pool"]:
            return (direct,)
        owned = _("Is in a gateway pool of its partner's own: choose a new pool first.")
        return (direct, Refusal(Q(gateway_pool__partner_id__isnull=False), owned, "pool_of_partner"))

    def values(self, params: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:  # noqa: ARG002
        """No owner, no access for one."""
        return {"partner_id": None, "partner_access": False}

    def apply(self, batch: Batch) -> None:
        """Pools of the partner are left first; then the delegation's event, then the owner of every half."""
        if not batch.rows.count:
            return
        if pool := batch.params["gateway_pool"]:
            handover.leave_partners_pools(batch, pool_id=pool.pk)
        handover.let_go(batch)
        handover.follow_owner(batch, None)

    def warnings(self, rows: QuerySet[Customer], params: Mapping[str, Any]) -> Sequence[str]:
        """Customers that withdrew the operator's access: after release nobody but themselves can enter (REL-03)."""
        released = rows.filter(partner_id__isnull=False)
        alone = released.filter(operator_access=False).count()
        found = []
        if alone:
            message = ngettext(
                "%(count)s customer has withdrawn the operator's access: nobody but the customer can enter it then.",
                "%(count)s customers have withdrawn the operator's access: nobody but they can enter them then.",
                alone,
            )
            found.append(message % {"count": f"{alone:,}"})
        moving = released.filter(gateway_pool__partner_id__isnull=False).count() if params["gateway_pool"] else 0
        if moving:
            message = ngettext("%(count)s customer moves to %(pool)s.", "%(count)s customers move to %(pool)s.", moving)
            found.append(message % {"count": f"{moving:,}", "pool": params["gateway_pool"].name})
        return tuple(found)

    def consequences(self, params: Mapping[str, Any]) -> Sequence[str]:  # noqa: ARG002
        """What the other side loses, what stays."""
        return (
            _("Users of the partner no longer see these customers, from their next request on."),
            _("Operator access, software management and edges stay as they are."),
        )

    def button(self, count: int, params: Mapping[str, Any]) -> str:  # noqa: ARG002
        """What the button says."""
        return ngettext("Release %(count)s customer", "Release %(count)s customers", count) % {"count": f"{count:,}"}
