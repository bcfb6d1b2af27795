"""The rows of a configuration as they are written: under their customer's lock, with whom they name and their past."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bailiwick import audit
from bailiwick.access.scope import open_customers_for
from bailiwick.engine.configuration.differences import differences
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.models import ConfigurationObject, ConfigurationReference, ConfigurationVersion

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bailiwick.access.actor import Actor
    from bailiwick.models import Customer


def locked(actor: Actor, customer_id: int) -> Customer:
    """One at a time changes a configuration, and nobody copies it meanwhile (`clone.copy` locks it shared)."""
    customer = open_customers_for(actor).select_for_update(of=("self",), no_key=True).filter(pk=customer_id).first()
    if customer is None:
        raise ObjectDoesNotExist
    return customer


def insert(row: ConfigurationObject) -> None:
    """A new one. Raises InvalidParams (409) where its name is taken."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise _taken() from None


def save(row: ConfigurationObject) -> None:
    """What it says now. Raises InvalidParams (409) where its name is taken."""
    fields = ("parent_id", "name", "name_key", "body", "version", "updated_at", "position", "blocker")
    try:
        with transaction.atomic():
            mine = ConfigurationObject.objects.filter(customer_id=row.customer_id, local_id=row.local_id)
            mine.update(**{field: getattr(row, field) for field in fields})
    except IntegrityError:
        raise _taken() from None


def refer(row: ConfigurationObject, ids: Iterable[int]) -> None:
    """Writes down whom it names now."""
    ConfigurationReference.objects.filter(customer_id=row.customer_id, from_id=row.local_id).delete()
    ConfigurationReference.objects.bulk_create(
        ConfigurationReference(customer_id=row.customer_id, partner_id=row.partner_id, from_id=row.local_id, to_id=each)
        for each in sorted(ids)
    )


def remember(row: ConfigurationObject, actor: Actor, now: datetime) -> None:
    """What it said until now."""
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


def tell(
    actor: Actor, customer: Customer, row: ConfigurationObject, event: str, old: Any, new: Any, now: datetime
) -> None:
    """In the customer's log: where it differs."""
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


def conflict(field: str, code: str, message: str) -> InvalidParams:
    """What was right in itself, and cannot be now."""
    return InvalidParams.one(field, code, message, status=409)


def _taken() -> InvalidParams:
    return conflict("name", "name_taken", _("Another one has this name."))
