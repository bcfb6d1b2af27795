"""Activation keys as they are given out: shown once, mailed, replaced and cancelled (domain 14.2, 14.3, 14.5)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bailiwick.access.permissions import Permission
from bailiwick.fleet.authority import authority
from bailiwick.fleet.edges import locked, record
from bailiwick.fleet.keys import hash_of, new_key
from bailiwick.models import ActivationKey, ActivationState, Edge
from bailiwick.outbox import enqueue_mail

if TYPE_CHECKING:
    from datetime import datetime

    from bailiwick.access.actor import Actor

LIFE = timedelta(days=30)
PURPOSE = "activation"
WAITING = (ActivationState.PENDING, ActivationState.UNASSIGNED)


class Issued(NamedTuple):
    """A key, which is shown to who asked for it and never again."""

    key: str
    link: str
    expires_at: datetime


def issue(actor: Actor, edge_id: int, *, now: datetime, mail_to: str = "") -> Issued:
    """A new key; the one before dies. Raises Edge.DoesNotExist, NotAllowed, ValidationError (`activated`)."""
    actor.require(Permission.EDGE_UPDATE)
    with transaction.atomic():
        edge = locked(actor, edge_id)
        if edge.activation_state == ActivationState.ACTIVATED:
            raise ValidationError(
                _("This edge is activated. Request a reactivation for another device."), code="activated"
            )
        before = ActivationKey.objects.filter(edge=edge).order_by("-pk").first()
        bound = (before.serial_number, before.model) if before else (edge.serial_number, "")
        issued = new_key_for(edge, serial=bound[0], model=bound[1], now=now)
        if mail_to:
            _mail(actor, edge, issued, mail_to, now)
        else:
            record(actor, "EDGE_NEW_ACTIVATION_KEY", edge, now)
        return issued


def request_reactivation(actor: Actor, edge_id: int, *, serial: str, model: str, now: datetime) -> Issued:
    """A key for the device that takes the edge's place; the present one goes on until then (RMA)."""
    actor.require(Permission.EDGE_UPDATE)
    with transaction.atomic():
        edge = locked(actor, edge_id)
        if edge.activation_state in WAITING:
            raise ValidationError(_("This edge is not activated yet."), code="not_activated")
        _turn(edge, ActivationState.REACTIVATION_PENDING)
        after = {name: value for name, value in (("serial_number", serial), ("model", model)) if value}
        record(actor, "EDGE_REACTIVATION_REQ", edge, now, after=after)
        return new_key_for(edge, serial=serial, model=model, now=now)


def cancel(actor: Actor, edge_id: int, *, now: datetime) -> None:
    """The open key dies; an edge that waited for another device keeps the one it has. Raises as `issue` does."""
    actor.require(Permission.EDGE_UPDATE)
    with transaction.atomic():
        edge = locked(actor, edge_id)
        if not cancel_open(edge.pk, now=now) and edge.activation_state != ActivationState.REACTIVATION_PENDING:
            raise ValidationError(_("There is no activation key to cancel."), code="no_key")
        if edge.activation_state == ActivationState.REACTIVATION_PENDING:
            _turn(edge, ActivationState.ACTIVATED)
            record(actor, "EDGE_CANCEL_REACTIVATION_REQ", edge, now)
        else:
            record(actor, "EDGE_CANCEL_ACTIVATION_KEY", edge, now)


def new_key_for(edge: Edge, *, serial: str, now: datetime, model: str = "") -> Issued:
    """Writes down the hash of a new key, in the transaction of the caller, who holds the edge."""
    cancel_open(edge.pk, now=now)
    key = new_key()
    ActivationKey.objects.create(
        edge=edge, customer_id=edge.customer_id, partner_id=edge.partner_id, key_hash=hash_of(key),
        serial_number=serial, model=model, created_at=now, expires_at=now + LIFE,
    )  # fmt: skip
    return Issued(key, f"{_address(edge)}/activate#{key}", now + LIFE)


def cancel_open(edge_id: int, *, now: datetime) -> int:
    """The open key of the edge dies; returns how many did."""
    return ActivationKey.objects.filter(edge_id=edge_id, used_at=None, cancelled_at=None).update(cancelled_at=now)


def open_key(edge_id: int) -> ActivationKey | None:
    """What is known of the key that waits for its device; the key itself is not."""
    return ActivationKey.objects.filter(edge_id=edge_id, used_at=None, cancelled_at=None).first()


def device_door() -> tuple[str, str]:
    """Where devices knock, and the pin by which they know that it is us."""
    return settings.DEVICE_URL, authority(settings.HOME).pin


def _address(edge: Edge) -> str:
    """Of the portal as this edge's operator profile names it (domain 10.1), or our own."""
    profile = edge.operator_profile or edge.customer.operator_profile
    ours = settings.PUBLIC_URL.rstrip("/")
    host = profile.orchestrator_address
    if not host:
        return str(ours)
    parts = urlsplit(ours)
    named = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{named}{f':{parts.port}' if parts.port else ''}"


def _turn(edge: Edge, state: ActivationState) -> None:
    Edge.objects.filter(pk=edge.pk).update(activation_state=state)


def _mail(actor: Actor, edge: Edge, issued: Issued, to: str, now: datetime) -> None:
    door, pin = device_door()
    told = {
        "customer": " ".join(edge.customer.name.split()), "edge": " ".join(edge.name.split()), "link": issued.link,
        "key": issued.key, "day": f"{issued.expires_at:%Y-%m-%d}", "door": door, "pin": pin,
    }  # fmt: skip
    body = (
        _(
            "A device becomes the edge %(edge)s of %(customer)s with this key:\n\n%(key)s\n\n"
            "It works once, until %(day)s. How it is used stands behind this link:\n\n%(link)s\n\n"
            "On a Linux host: bailiwick edge activate --url %(door)s --pin %(pin)s --key %(key)s"
        )
        % told
    )
    about = {"customer": edge.customer_id, "purpose": PURPOSE}
    key = f"activation:{hash_of(issued.key)}"
    enqueue_mail([to], subject=_("Activate an edge"), body=body, key=key, now=now, about=about)
    record(actor, "ACTIVATION_EMAIL", edge, now, after={"email": to})
