"""Making, changing, removing and taking back an object of a configuration: checked, told, its past kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from bailiwick import audit
from bailiwick.access.configuration import configuration_for, past_configuration_for
from bailiwick.access.permissions import Permission
from bailiwick.access.scope import open_customers_for
from bailiwick.engine.configuration.check import checked, require_enough, require_room
from bailiwick.engine.configuration.differences import differences
from bailiwick.engine.configuration.kinds import KINDS, Kind
from bailiwick.engine.forms.fields import NameField
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.models import ConfigurationObject, ConfigurationReference, ConfigurationVersion
from bailiwick.models.text import name_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
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
    customer = _locked(actor, customer_id)
    require_room(customer, kind)
    named = checked(customer, kind, draft.body)
    require_enough(customer, kind, draft.body)
    last = _objects(customer).aggregate(last=Max("local_id"))["last"] or 0
    made = ConfigurationObject(
        customer=customer,
        partner_id=customer.partner_id,
        local_id=last + 1,
        kind=kind.slug,
        parent_id=_parent(customer, kind, draft.parent_id),
        position=draft.position,
        blocker=named.blocker,
        updated_at=now,
        **_said(kind, draft),
    )
    _insert(made)
    _refer(made, named.ids)
    _tell(actor, customer, made, CREATED, None, draft.body, now)
    return made


@transaction.atomic
def update(
    actor: Actor, customer_id: int, local_id: int, draft: Draft, *, version: int | None, now: datetime
) -> ConfigurationObject:
    """Raises NotAllowed, ObjectDoesNotExist, InvalidParams; 409 where somebody changed it since `version`."""
    customer = _locked(actor, customer_id)
    row = configuration_for(actor).get(customer_id=customer.pk, local_id=local_id)
    kind = KINDS[row.kind]
    require(actor, kind)
    if version is not None and version != row.version:
        raise _conflict("version", "stale", _("Somebody changed this meanwhile."))
    named, old = checked(customer, kind, draft.body), row.body
    require_enough(customer, kind, draft.body)
    _remember(row, actor, now)
    row.version, row.updated_at, row.position, row.blocker = row.version + 1, now, draft.position, named.blocker
    for field, value in _said(kind, draft).items():
        setattr(row, field, value)
    _save(row)
    _refer(row, named.ids)
    _tell(actor, customer, row, CHANGED, old, draft.body, now)
    return row


@transaction.atomic
def delete(actor: Actor, customer_id: int, local_id: int, *, now: datetime) -> None:
    """Removes it and its parts. Raises NotAllowed, ObjectDoesNotExist, InvalidParams (409) where others name it."""
    customer = _locked(actor, customer_id)
    row = configuration_for(actor).get(customer_id=customer.pk, local_id=local_id)
    require(actor, KINDS[row.kind])
    if users := users_of(row):
        message = _("Used by %(names)s.") % {"names": ", ".join(users)}
        raise _conflict("name", "in_use", message)
    _tell(actor, customer, row, REMOVED, row.body, None, now)
    ConfigurationObject.objects.filter(customer_id=customer.pk, local_id=local_id).delete()


def roll_back(actor: Actor, customer_id: int, local_id: int, *, to: int, now: datetime) -> ConfigurationObject:
    """Says again what it said in version `to`; that is a new version. Raises as `update`."""
    row = configuration_for(actor).get(customer_id=customer_id, local_id=local_id)
    past = past_configuration_for(actor).get(customer_id=customer_id, local_id=local_id, version=to)
    draft = Draft(past.name, past.body, row.parent_id, row.position)
    return update(actor, customer_id, local_id, draft, version=row.version, now=now)


def users_of(row: ConfigurationObject, *, most: int = 5) -> list[str]:
    """The names of objects that name it, with their profiles', but not of its own parts."""
    naming = ConfigurationReference.objects.filter(customer_id=row.customer_id, to_id=row.local_id).values("from_id")
    mine = ConfigurationObject.objects.filter(customer_id=row.customer_id)
    others = mine.filter(local_id__in=naming).exclude(parent_id=row.local_id).order_by("parent_id", "name_key")
    found = list(others.values_list("parent_id", "name")[:most])
    profiles = dict(mine.filter(local_id__in=[parent for parent, _name in found]).values_list("local_id", "name"))
    return [f"{profiles[parent]} / {name}" if parent in profiles else name for parent, name in found]


def _locked(actor: Actor, customer_id: int) -> Customer:
    """One at a time changes a configuration, and nobody copies it meanwhile (`clone.copy` locks it shared)."""
    customer = open_customers_for(actor).select_for_update(of=("self",), no_key=True).filter(pk=customer_id).first()
    if customer is None:
        raise ObjectDoesNotExist
    return customer


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


def _insert(row: ConfigurationObject) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise _taken() from None


def _save(row: ConfigurationObject) -> None:
    fields = ("name", "name_key", "body", "version", "updated_at", "position", "blocker")
    try:
        with transaction.atomic():
            mine = ConfigurationObject.objects.filter(customer_id=row.customer_id, local_id=row.local_id)
            mine.update(**{field: getattr(row, field) for field in fields})
    except IntegrityError:
        raise _taken() from None


def _refer(row: ConfigurationObject, ids: Iterable[int]) -> None:
    """Writes down whom it names now."""
    ConfigurationReference.objects.filter(customer_id=row.customer_id, from_id=row.local_id).delete()
    ConfigurationReference.objects.bulk_create(
        ConfigurationReference(customer_id=row.customer_id, partner_id=row.partner_id, from_id=row.local_id, to_id=each)
        for each in sorted(ids)
    )


def _remember(row: ConfigurationObject, actor: Actor, now: datetime) -> None:
    ConfigurationVersion(
        customer_id=row.customer_id,
        local_id=row.local_id,
        version=row.version,
        name=row.name,
        body=row.body,
        partner_id=row.partner_id,
        at=now,
        actor_name=actor.name,
    ).save(force_insert=True)


def _tell(
    actor: Actor, customer: Customer, row: ConfigurationObject, event: str, old: Any, new: Any, now: datetime
) -> None:
    before, after = differences(old or {}, new or {})
    about = {"kind": row.kind, "object": row.name}
    audit.record(
        actor,
        event,
        subject=customer.name,
        customer=customer,
        before={**about, **before} if old is not None else None,
        after={**about, **after} if new is not None else None,
        category="CONFIGURATION",
        at=now,
    )


def _objects(customer: Customer) -> QuerySet[ConfigurationObject]:
    return ConfigurationObject.objects.filter(customer_id=customer.pk)


def _conflict(field: str, code: str, message: str) -> InvalidParams:
    return InvalidParams.one(field, code, message, status=409)


def _taken() -> InvalidParams:
    return _conflict("name", "name_taken", _("Another one has this name."))
