"""Gateway pools: made, changed and deleted; one event a change (domain 12.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from bailiwick.access.gateways import require_management
from bailiwick.access.scope import LIVING, gateway_pools_for
from bailiwick.access.stale import stale
from bailiwick.fleet.gateway.rows import locked_pool, record, save, told
from bailiwick.models import Customer, Gateway, GatewayPool, GatewayState, PartnerPool, TransferOffer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor

CHANGED = "UPDATE_GATEWAY_POOL"
NAMED = 5
FEW = 2  # below so many that can serve, an edge has no second gateway (domain 12.2)
FIELDS = ("name", "description", "hand_off", "has_ipv4", "has_ipv6")


def facts(row: GatewayPool) -> dict[str, Any]:
    """What people say of it, by the names of the form."""
    held = list(row.gateways.order_by("pk").values_list("pk", flat=True)) if row.pk else []
    return {**{name: getattr(row, name) for name in FIELDS}, "gateways": held}


def beginning() -> dict[str, Any]:
    """What an empty page shows."""
    return facts(GatewayPool())


def counted(actor: Actor) -> QuerySet[GatewayPool]:
    """The pools that the actor sees, with how many gateways each has, and how many of them can serve edges."""
    usable = Q(gateways__state=GatewayState.IN_SERVICE, gateways__roles__contains=["DATA_PLANE"])
    rows = gateway_pools_for(actor).select_related("partner")
    return rows.annotate(
        held=Count("gateways", distinct=True), usable=Count("gateways", filter=usable, distinct=True)
    ).order_by("name_key")


def create(actor: Actor, values: Mapping[str, Any], *, now: datetime) -> GatewayPool:
    """Makes one. Raises NotAllowed, ValidationError."""
    require_management(actor)
    owner_id = values["partner"].pk if values.get("partner") else actor.partner_id
    with transaction.atomic():
        row = GatewayPool(partner_id=owner_id, **{name: values[name] for name in FIELDS})
        save(row)
        row.gateways.set(values["gateways"])
        record(actor, "CREATE_GATEWAY_POOL", row, now, after=_told(row))
    return row


def update(actor: Actor, pool_id: int, values: Mapping[str, Any], *, version: int, now: datetime) -> GatewayPool:
    """Changes one. Raises GatewayPool.DoesNotExist, NotAllowed, ValidationError (`stale`)."""
    with transaction.atomic():
        row = locked_pool(actor, pool_id)
        if row.version != version:
            raise stale(CHANGED, row.name, row)
        before = _told(row)
        for name in FIELDS:
            setattr(row, name, values[name])
        row.gateways.set(values["gateways"])
        after = _told(row)
        changed = [name for name, value in after.items() if before[name] != value]
        if changed:
            row.version += 1
            save(row)
            old, new = ({name: said[name] for name in changed} for said in (before, after))
            record(actor, CHANGED, row, now, before=old, after=new)
    return row


def delete(actor: Actor, pool_id: int, *, now: datetime) -> None:
    """Removes one that nobody uses; its gateways stay. Raises as `update` does, with `in_use`."""
    with transaction.atomic():
        row = locked_pool(actor, pool_id)
        if used := users_of(row):
            raise ValidationError(_("In use by %(names)s.") % {"names": "; ".join(used)}, code="in_use")
        record(actor, "DELETE_GATEWAY_POOL", row, now, before=_told(row))
        row.delete()


def users_of(row: GatewayPool) -> list[str]:
    """What holds it: customers, also in the bin, partners that may give it, and open offers."""
    living, binned = (
        LIVING.filter(gateway_pool=row),
        Customer.objects.filter(gateway_pool=row, deleted_at__isnull=False),
    )
    granted = PartnerPool.objects.filter(gateway_pool=row)
    found = [_("new customers, whose default it is")] if row.is_default else []
    found += _named(_("customers: %(names)s (%(n)s)"), living, "name")
    found += _named(_("deleted customers in the bin: %(n)s"), binned, "name")
    found += _named(_("partners: %(names)s (%(n)s)"), granted, "partner__name")
    return found + _named(_("offers to partners: %(n)s"), TransferOffer.objects.filter(gateway_pool=row), "pk")


def _named(sentence: str, rows: Any, column: str) -> list[str]:
    number = rows.count()
    names = ", ".join(map(str, rows.order_by(column).values_list(column, flat=True)[:NAMED]))
    return [sentence % {"names": names, "n": f"{number:,}"}] if number else []


def _told(row: GatewayPool) -> dict[str, Any]:
    names = list(Gateway.objects.filter(pools=row).order_by("name_key").values_list("name", flat=True))
    return {name: told(value) for name, value in {**facts(row), "gateways": names}.items()}
