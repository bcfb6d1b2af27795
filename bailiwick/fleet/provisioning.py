"""Edges by the hand of people: made, changed, put to rest and deleted; one event a change."""

from __future__ import annotations

from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from bailiwick.access.configuration import configuration_for
from bailiwick.access.opening import open_customer
from bailiwick.access.permissions import Permission
from bailiwick.access.stale import stale
from bailiwick.engine.configuration.edges import configure
from bailiwick.engine.forms.edge_form import EdgeForm
from bailiwick.engine.forms.form import InvalidParams, clean
from bailiwick.fleet import choosing, issuing
from bailiwick.fleet.edges import locked, record
from bailiwick.fleet.heartbeat import ACTIVE, put_to_rest
from bailiwick.fleet.licensing import licence_of
from bailiwick.models import ConfigurationObject, Edge, EdgeState
from bailiwick.models.text import name_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from bailiwick.access.actor import Actor
    from bailiwick.fleet.issuing import Issued
    from bailiwick.models import Customer

CHANGED = "EDGE_UPDATE_ATTRIBUTES"
NAMED = 5
HEARD = (EdgeState.CONNECTED, EdgeState.DEGRADED)


def provision(actor: Actor, customer_id: int, raw: Mapping[str, Any], *, now: datetime) -> tuple[Edge, Issued]:
    """Makes an edge, and the key for its device. Raises Customer.DoesNotExist, NotAllowed, InvalidParams."""
    actor.require(Permission.EDGE_CREATE)
    customer = open_customer(actor, customer_id)
    values = clean(EdgeForm, raw, actor)
    with transaction.atomic():
        profile_id = values.pop("profile") or _profile_of(actor, customer)
        _require_own_serial(customer, values["serial_number"])
        values["licence_type"] = licence_of(actor, customer, values.pop("licence"))
        named = {**values, "name_key": name_key(values["name"]), "created_at": now}
        edge = Edge(customer=customer, partner_id=customer.partner_id, **named)
        _save(edge)
        after = {name: value if isinstance(value, str) else str(value) for name, value in values.items() if value}
        record(actor, "EDGE_PROVISION", edge, now, after=after)
        if profile_id:
            configure(actor, edge.pk, profile_id=profile_id, overrides={}, version=None, now=now)
        return edge, issuing.new_key_for(edge, serial=edge.serial_number, now=now)


def _profile_of(actor: Actor, customer: Customer) -> int | None:
    """The only one that there is; of several one has to be chosen (domain 14.2). Raises InvalidParams."""
    found = (
        configuration_for(actor).filter(customer_id=customer.pk, kind="profile").values_list("local_id", flat=True)[:2]
    )
    if len(found) > 1:
        raise InvalidParams.one("profile", "required", _("Choose the profile that the edge is configured with."))
    return found[0] if found and actor.may(Permission.CONFIGURATION_UPDATE) else None


def _require_own_serial(customer: Customer, serial: str) -> None:
    """Raises InvalidParams where another edge of the customer has it; of other customers nothing is told."""
    other = Edge.objects.filter(customer=customer, serial_number=serial).first() if serial else None
    if other:
        message = _("The edge %(name)s has this serial number.") % {"name": other.name}
        raise InvalidParams.one("serial_number", "serial_taken", message, status=HTTPStatus.CONFLICT)


def change(actor: Actor, edge_id: int, given: Mapping[str, Any], *, now: datetime, version: int | None = None) -> Edge:
    """Changes what people say of the edge, who is told of it, and its own software; one event tells of all of it.

    Raises Edge.DoesNotExist, NotAllowed, InvalidParams, ValidationError (`stale` for an old version).
    """
    actor.require(Permission.EDGE_UPDATE)
    with transaction.atomic():
        edge = locked(actor, edge_id)
        if version is not None and version != edge.version:
            raise stale(CHANGED, edge.name, edge)
        if choosing.FIELD in given:
            choosing.require_choosable(actor, edge, given[choosing.FIELD])
        changed = {name: value for name, value in given.items() if getattr(edge, name) != value}
        if changed:
            before = {name: _told(getattr(edge, name)) for name in changed}
            _write(edge, changed)
            after = {name: _told(value) for name, value in changed.items()}
            record(actor, CHANGED, edge, now, before=before, after=after)
    return edge


def deactivate(actor: Actor, edge_id: int, *, now: datetime) -> None:
    """Its device is an edge no more. Raises Edge.DoesNotExist, NotAllowed, ValidationError (`not_activated`)."""
    actor.require(Permission.EDGE_UPDATE)
    with transaction.atomic():
        edge = locked(actor, edge_id)
        if edge.activation_state not in ACTIVE:
            raise ValidationError(_("This edge is not activated."), code="not_activated")
        issuing.cancel_open(edge.pk, now=now)
        put_to_rest(edge, now=now)
        record(actor, "EDGE_DEACTIVATION", edge, now, before={"activation_state": edge.activation_state})


def delete(actor: Actor, edge_id: int, *, now: datetime) -> None:
    """Removes it with its keys and certificates. Raises Edge.DoesNotExist, NotAllowed, ValidationError."""
    actor.require(Permission.EDGE_DELETE)
    with transaction.atomic():
        edge = locked(actor, edge_id)
        if edge.activation_state in ACTIVE and edge.state in HEARD:
            raise ValidationError(_("This edge is connected. Deactivate it first."), code="edge_connected")
        if users := _naming(edge):
            message = _("It is named in the configuration: %(names)s. Take it out there first.")
            raise ValidationError(message % {"names": ", ".join(users)}, code="in_use")
        before = {"serial_number": edge.serial_number, "activation_state": edge.activation_state}
        record(actor, "DELETE_EDGE", edge, now, before=before)
        edge.delete()


def _naming(edge: Edge) -> list[str]:
    """The first objects of its customer's configuration that name it, as a hub for example; not its own settings."""
    others = ConfigurationObject.objects.filter(customer_id=edge.customer_id).exclude(edge=edge)
    told = others.annotate(said=Cast("body", TextField())).filter(said__contains=str(edge.logical_id))
    return list(told.order_by("name_key").values_list("name", flat=True)[:NAMED])


def _told(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def _write(edge: Edge, changed: Mapping[str, Any]) -> None:
    for name, value in changed.items():
        setattr(edge, name, value)
    keyed = {"name_key": name_key(edge.name)} if "name" in changed else {}
    edge.version += 1
    with _named_once():
        Edge.objects.filter(pk=edge.pk).update(**changed, **keyed, version=edge.version)


def _save(edge: Edge) -> None:
    with _named_once():
        edge.save()


@contextmanager
def _named_once() -> Iterator[None]:
    """Raises InvalidParams where the name is another edge's."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "edge_name_unique" not in str(error):
            raise
        message = _("Another edge of this customer has this name.")
        raise InvalidParams.one("name", "name_taken", message, status=HTTPStatus.CONFLICT) from None
