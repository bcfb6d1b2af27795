"""Gateways by the hand of people: made, changed, put to rest and deleted; one event a change (domain 12.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bailiwick.access.gateways import require_management
from bailiwick.access.permissions import Permission
from bailiwick.access.stale import stale
from bailiwick.fleet.gateway import keys
from bailiwick.fleet.gateway.rows import locked_gateway, record, save, told
from bailiwick.models import ActivationState, Gateway, GatewayCertificate, GatewayCondition, GatewayState, Revocation

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bailiwick.access.actor import Actor
    from bailiwick.fleet.issuing import Issued

CHANGED = "UPDATE_GATEWAY"
NAMED = 5
ADDRESSES = ("address", "private_address", "ipv6_address")
HEARD = (GatewayCondition.CONNECTED, GatewayCondition.DEGRADED)
FIELDS = (
    "name", "roles", "state", "capacity", *ADDRESSES, "dns_name", "is_load_balanced", "authentication",
    "contact_name", "contact_email", "street", "city", "country", "latitude", "longitude",
)  # fmt: skip


def facts(row: Gateway) -> dict[str, Any]:
    """What people say of it, by the names of the form."""
    pools = list(row.pools.order_by("pk").values_list("pk", flat=True)) if row.pk else []
    return {**{name: getattr(row, name) for name in FIELDS}, "pools": pools}


def beginning() -> dict[str, Any]:
    """What an empty page shows."""
    return facts(Gateway())


def provision(actor: Actor, values: Mapping[str, Any], *, now: datetime) -> tuple[Gateway, Issued]:
    """Makes a gateway, and the key for its device. Raises NotAllowed, ValidationError."""
    require_management(actor)
    owner_id = values["partner"].pk if values.get("partner") else actor.partner_id
    with transaction.atomic():
        row = Gateway(partner_id=owner_id, created_at=now, activation_state=ActivationState.PENDING)
        _take(row, values)
        save(row)
        row.pools.set(values["pools"])
        record(actor, "GATEWAY_PROVISION", row, now, after=_told(row))
        return row, keys.new_key_for(row, now=now)


def change(actor: Actor, gateway_id: int, values: Mapping[str, Any], *, version: int, now: datetime) -> Gateway:
    """Changes what is said of it. Raises Gateway.DoesNotExist, NotAllowed, ValidationError (`stale`)."""
    with transaction.atomic():
        row = locked_gateway(actor, gateway_id)
        if row.version != version:
            raise stale(CHANGED, row.name, row)
        before = _told(row)
        _turn(actor, row, values)
        _take(row, values)
        row.pools.set(values["pools"])
        after = _told(row)
        changed = [name for name, value in after.items() if before[name] != value]
        if changed:
            row.version += 1
            save(row)
            old, new = ({name: said[name] for name in changed} for said in (before, after))
            record(actor, CHANGED, row, now, before=old, after=new)
    return row


def deactivate(actor: Actor, gateway_id: int, *, now: datetime) -> None:
    """Its device is a gateway no more. Raises as `change` does, with `not_activated`."""
    with transaction.atomic():
        row = locked_gateway(actor, gateway_id)
        if row.activation_state not in keys.ACTIVE:
            raise ValidationError(_("This gateway is not activated."), code="not_activated")
        put_to_rest(row, now=now)
        record(actor, "DEACTIVATE_GATEWAY", row, now, before={"activation_state": row.activation_state})


def put_to_rest(row: Gateway, *, now: datetime) -> None:
    """Whoever asked for it: no key and no certificate counts, and nothing is expected of the gateway any more."""
    keys.cancel_open(row.pk, now=now)
    living = GatewayCertificate.objects.filter(gateway=row, revoked_at=None)
    living.update(revoked_at=now, revoked_for=Revocation.DEACTIVATED)
    rest = {"activation_state": ActivationState.PENDING, "condition": GatewayCondition.DISABLED, "connected_edges": 0}
    Gateway.objects.filter(pk=row.pk).update(**rest)


def delete(actor: Actor, gateway_id: int, *, now: datetime) -> None:
    """Removes one that nothing uses. Raises as `change` does, with `in_use` and `gateway_connected`."""
    with transaction.atomic():
        row = locked_gateway(actor, gateway_id)
        if row.activation_state in keys.ACTIVE and row.condition in HEARD:
            raise ValidationError(_("This gateway is connected. Deactivate it first."), code="gateway_connected")
        if used := users_of(row):
            message = _("In use by %(names)s. Take it out there first.")
            raise ValidationError(message % {"names": "; ".join(used)}, code="in_use")
        record(actor, "DELETE_GATEWAY", row, now, before=_told(row))
        row.delete()


def users_of(row: Gateway) -> list[str]:
    """What holds it: pools, and quiesced gateways whose replacement it is."""
    pools = [_("the pool %(name)s") % {"name": name} for name in _names(row.pools)]
    return pools + [_("the quiesced gateway %(name)s") % {"name": name} for name in _names(row.replaces)]


def _names(rows: Any) -> list[str]:
    return list(rows.order_by("name_key").values_list("name", flat=True)[:NAMED])


def _turn(actor: Actor, row: Gateway, values: Mapping[str, Any]) -> None:
    """Who may quiesce may take it back; then nothing replaces it any more."""
    if row.state == values["state"]:
        return
    if GatewayState.QUIESCED in (row.state, values["state"]):
        actor.require(Permission.GATEWAY_QUIESCE)
    row.quiesced_at = row.replacement = row.deadline = row.letters_after = None


def _take(row: Gateway, values: Mapping[str, Any]) -> None:
    for name in FIELDS:
        setattr(row, name, values[name] or None if name in ADDRESSES else values[name])


def _told(row: Gateway) -> dict[str, Any]:
    pools = list(row.pools.order_by("name_key").values_list("name", flat=True))
    return {name: told(value) for name, value in {**facts(row), "pools": pools}.items()}
