"""Making, changing, removing and taking back an object of a configuration: checked, told, its past kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from bailiwick.access.configuration import configuration_for, past_configuration_for
from bailiwick.access.permissions import Permission
from bailiwick.engine.configuration import delegation, rows
from bailiwick.engine.configuration.check import checked, require_enough, require_room
from bailiwick.engine.configuration.effective import require_whole
from bailiwick.engine.configuration.kinds import EDGE_SETTINGS, KINDS, Kind
from bailiwick.engine.configuration.reach import touch
from bailiwick.engine.forms.fields import NameField
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.models import ConfigurationObject, ConfigurationReference, CustomerDetail
from bailiwick.models.text import name_key

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor
    from bailiwick.models import Customer

CREATED, CHANGED, REMOVED = "CREATE_CONFIGURATION", "UPDATE_CONFIGURATION", "DELETE_CONFIGURATION"


class Draft(NamedTuple):
    """What an object is to be: a profile's part names its profile, and a rule its place among them."""

    name: str
    body: Mapping[str, Any]
    parent_id: int | None = None
    position: int = 0


def require(actor: Actor, kind: Kind) -> None:
    """Raises NotAllowed where the actor may not change objects of the kind."""
    actor.require(Permission.CONFIGURATION_OPERATE if kind.of_operator else Permission.CONFIGURATION_UPDATE)


@transaction.atomic
def create(actor: Actor, customer_id: int, kind: Kind, draft: Draft, *, now: datetime) -> ConfigurationObject:
    """Raises NotAllowed, ObjectDoesNotExist for a customer that is not open to the actor, InvalidParams."""
    require(actor, kind)
    if kind.slug == EDGE_SETTINGS:
        raise InvalidParams.one("kind", "of_edge", _("An edge's settings are made on the edge."))
    customer = rows.locked(actor, customer_id)
    require_room(customer, kind)
    named = checked(customer, kind, draft.body)
    draft = draft._replace(body=delegation.begun(actor, kind, draft.body))
    require_enough(customer, kind, draft.body)
    made = ConfigurationObject(
        customer=customer,
        partner_id=customer.partner_id,
        local_id=next_id(customer),
        kind=kind.slug,
        parent_id=_parent(customer, kind, draft.parent_id),
        position=draft.position,
        blocker=named.blocker,
        updated_at=now,
        **_said(kind, draft),
    )
    rows.insert(made)
    rows.refer(made, named.ids)
    touch(made)
    rows.tell(actor, customer, made, CREATED, None, draft.body, now)
    return made


@transaction.atomic
def update(
    actor: Actor, customer_id: int, local_id: int, draft: Draft, *, version: int | None, now: datetime
) -> ConfigurationObject:
    """Raises NotAllowed, ObjectDoesNotExist, InvalidParams; 409 where somebody changed it since `version`."""
    customer = rows.locked(actor, customer_id)
    row = configuration_for(actor).get(customer_id=customer.pk, local_id=local_id)
    kind = KINDS[row.kind]
    require(actor, kind)
    delegation.require(actor, kind, row.body)
    if version is not None and version != row.version:
        raise rows.conflict("version", "stale", _("Somebody changed this meanwhile."))
    named, old = checked(customer, kind, draft.body), row.body
    require_enough(customer, kind, draft.body)
    delegation.require_kept(actor, kind, old, draft.body)
    if row.edge_id:
        draft = draft._replace(name=row.name)
        require_whole(row.customer_id, row.parent_id, draft.body)
    rows.remember(row, actor, now)
    row.version, row.updated_at, row.position, row.blocker = row.version + 1, now, draft.position, named.blocker
    for field, value in _said(kind, draft).items():
        setattr(row, field, value)
    rows.save(row)
    rows.refer(row, named.ids)
    touch(row)
    rows.tell(actor, customer, row, CHANGED, old, draft.body, now)
    return row


@transaction.atomic
def delete(actor: Actor, customer_id: int, local_id: int, *, now: datetime) -> None:
    """Removes it and its parts. Raises NotAllowed, ObjectDoesNotExist, InvalidParams (409) where others name it."""
    customer = rows.locked(actor, customer_id)
    row = configuration_for(actor).get(customer_id=customer.pk, local_id=local_id)
    require(actor, KINDS[row.kind])
    delegation.require(actor, KINDS[row.kind], row.body)
    if users := users_of(row):
        message = _("Used by %(names)s.") % {"names": ", ".join(users)}
        raise rows.conflict("name", "in_use", message)
    require_enough(customer, KINDS[row.kind], {})  # without it the usual holds
    if row.edge_id:
        raise rows.conflict("name", "of_edge", _("An edge's settings go when the edge goes."))
    touch(row)
    rows.tell(actor, customer, row, REMOVED, row.body, None, now)
    ConfigurationObject.objects.filter(customer_id=customer.pk, local_id=local_id).delete()


def roll_back(actor: Actor, customer_id: int, local_id: int, *, to: int, now: datetime) -> ConfigurationObject:
    """Says again what it said in version `to`; that is a new version. Raises as `update`."""
    row = configuration_for(actor).get(customer_id=customer_id, local_id=local_id)
    past = past_configuration_for(actor).get(customer_id=customer_id, local_id=local_id, version=to)
    draft = Draft(past.name, past.body, row.parent_id, row.position)
    return update(actor, customer_id, local_id, draft, version=row.version, now=now)


def next_id(customer: Customer) -> int:
    """The id of a new object, which no other ever had: an old page means nothing else by it. The customer is locked."""
    present = int(_objects(customer).aggregate(last=Max("local_id"))["last"] or 0)
    given = CustomerDetail.objects.values_list("last_local_id", flat=True).get(customer=customer)
    new = max(present, given) + 1
    CustomerDetail.objects.filter(customer=customer).update(last_local_id=new)
    return new


def users_of(row: ConfigurationObject, *, most: int = 5) -> list[str]:
    """The names of objects that name it, with their profiles', and of edges that have it; not of its own parts."""
    naming = ConfigurationReference.objects.filter(customer_id=row.customer_id, to_id=row.local_id).values("from_id")
    mine = ConfigurationObject.objects.filter(customer_id=row.customer_id)
    users = mine.filter(Q(local_id__in=naming) | Q(parent_id=row.local_id, edge__isnull=False))
    others = users.exclude(parent_id=row.local_id, edge=None).order_by("parent_id", "name_key")
    found = list(others.values_list("parent_id", "name", "edge_id")[:most])
    profiles = dict(mine.filter(local_id__in=[each[0] for each in found]).values_list("local_id", "name"))
    return [
        f"{profiles[parent]} / {name}" if parent in profiles and not edge_id else name
        for parent, name, edge_id in found
    ]


def _parent(customer: Customer, kind: Kind, parent_id: int | None) -> int | None:
    if not kind.within:
        return None
    if not _objects(customer).filter(kind=kind.within, local_id=parent_id or 0).exists():
        raise InvalidParams.one("parent", "no_profile", _("Choose the profile that this is a part of."))
    return parent_id


def _said(kind: Kind, draft: Draft) -> dict[str, Any]:
    if kind.single:
        return {"name": str(kind.label), "name_key": kind.slug, "body": dict(draft.body)}
    try:
        name = NameField().clean(draft.name)
    except ValidationError as error:
        raise InvalidParams.one("name", error.error_list[0].code or "invalid", error.messages[0]) from None
    return {"name": name, "name_key": name_key(name), "body": dict(draft.body)}


def _objects(customer: Customer) -> QuerySet[ConfigurationObject]:
    return ConfigurationObject.objects.filter(customer_id=customer.pk)
