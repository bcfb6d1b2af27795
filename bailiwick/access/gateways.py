"""Which gateways an actor sees, and which gateways and pools he may change (domain 8.1, 12.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext as _

from bailiwick.access.actor import NotAllowed
from bailiwick.access.permissions import Permission
from bailiwick.access.scope import gateway_pools_for, partners_for, pools_of
from bailiwick.models import Gateway, GatewayPool

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor


def gateways_for(actor: Actor) -> QuerySet[Gateway]:
    """All for an operator; for a partner its own, and those that stand in a pool which it may give."""
    if actor.is_operator:
        return Gateway.objects.all()
    if actor.level != "partner":
        return Gateway.objects.none()
    standing = Gateway.pools.through.objects.filter(gatewaypool__in=pools_of(actor.partner_id or 0))
    ours = Q(partner=None, pk__in=standing.values("gateway_id"))
    return Gateway.objects.filter(Q(partner_id=actor.partner_id or 0) | ours)


def may_manage(actor: Actor) -> bool:
    """Operators by their role; users of a partner also only while it was granted gateway management (domain 8.1)."""
    if not actor.may(Permission.GATEWAY_MANAGE):
        return False
    return actor.is_operator or partners_for(actor).filter(operate_gateways=True).exists()


def require_management(actor: Actor) -> None:
    """Raises NotAllowed."""
    actor.require(Permission.GATEWAY_MANAGE)
    if not may_manage(actor):
        raise NotAllowed(_("Your provider did not grant gateway management."), code="gateways_read_only")


def may_change(actor: Actor, row: Gateway | GatewayPool) -> bool:
    """A partner changes its own alone: a managed pool is one that belongs to it."""
    return may_manage(actor) and (actor.is_operator or row.partner_id == actor.partner_id)


def require_change(actor: Actor, row: Gateway | GatewayPool) -> None:
    """Raises NotAllowed."""
    require_management(actor)
    if not may_change(actor, row):
        raise NotAllowed(_("This belongs to your provider."), code="not_own")


def pools_to_fill(actor: Actor, partner_id: int | None) -> QuerySet[GatewayPool]:
    """The pools in which a gateway of this owner may stand: nobody else's customers come to a partner's gateway."""
    rows = gateway_pools_for(actor)
    if not actor.is_operator:
        return rows.filter(partner_id=actor.partner_id or 0)
    return rows.filter(partner_id=partner_id) if partner_id else rows


def gateways_to_hold(actor: Actor, partner_id: int | None) -> QuerySet[Gateway]:
    """The gateways that may stand in a pool of this owner: the operator's, and in a partner's pool its own."""
    rows = gateways_for(actor)
    return rows.filter(Q(partner=None) | Q(partner_id=partner_id)) if partner_id else rows.filter(partner=None)
