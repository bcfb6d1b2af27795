"""Activation keys of gateways, given out as those of edges are: shown once, replaced, cancelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from bailiwick.fleet.gateway.rows import locked_gateway, record
from bailiwick.fleet.issuing import LIFE, Issued
from bailiwick.fleet.keys import hash_of, new_key
from bailiwick.models import ActivationState, Gateway, GatewayKey

if TYPE_CHECKING:
    from datetime import datetime

    from bailiwick.access.actor import Actor

ACTIVE = (ActivationState.ACTIVATED, ActivationState.REACTIVATION_PENDING)


def issue(actor: Actor, gateway_id: int, *, now: datetime) -> Issued:
    """A new key; the one before dies, and a device that is the gateway already goes on until the key is used.

    Raises Gateway.DoesNotExist, NotAllowed.
    """
    with transaction.atomic():
        row = locked_gateway(actor, gateway_id)
        if row.activation_state in ACTIVE:  # one that is known by its address goes on serving edges until it reports
            Gateway.objects.filter(pk=row.pk).update(activation_state=ActivationState.REACTIVATION_PENDING)
        record(actor, "GATEWAY_NEW_ACTIVATION_KEY", row, now)
        return new_key_for(row, now=now)


def new_key_for(row: Gateway, *, now: datetime) -> Issued:
    """Writes down the hash of a new key, in the transaction of the caller, who holds the gateway."""
    cancel_open(row.pk, now=now)
    key = new_key()
    GatewayKey.objects.create(
        gateway=row, partner_id=row.partner_id, key_hash=hash_of(key), created_at=now, expires_at=now + LIFE
    )
    return Issued(key, f"{settings.PUBLIC_URL.rstrip('/')}/activate#{key}", now + LIFE)


def cancel_open(gateway_id: int, *, now: datetime) -> int:
    """The open key dies; returns how many did."""
    return GatewayKey.objects.filter(gateway_id=gateway_id, used_at=None, cancelled_at=None).update(cancelled_at=now)


def open_key(gateway_id: int) -> GatewayKey | None:
    """What is known of the key that waits for its device; the key itself is not."""
    return GatewayKey.objects.filter(gateway_id=gateway_id, used_at=None, cancelled_at=None).first()
