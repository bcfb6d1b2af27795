"""Changing a system property: the right kind of value, by the right role, on a fresh page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db import transaction

from bailiwick import audit
from bailiwick.access.permissions import Permission
from bailiwick.access.properties import BY_NAME, Definition
from bailiwick.engine.forms.fields import NameField, SwitchField
from bailiwick.engine.forms.recipients import EmailListField
from bailiwick.models import SystemProperty

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bailiwick.access.actor import Actor

WEEKS_OF_A_YEAR = 52


class Stale(Exception):  # noqa: N818 -- reads as the sentence it is
    """Somebody changed the property since the page was made; `current` holds his value: 409 at the doors."""

    def __init__(self, current: Any, version: int) -> None:
        super().__init__("The property was changed meanwhile.")
        self.current = current
        self.version = version


def field_for(definition: Definition) -> forms.Field:
    """The form field that reads and refuses values of this property."""
    if definition.kind == "BOOLEAN":
        return SwitchField()
    if definition.kind == "NUMBER":
        return forms.IntegerField(min_value=1, max_value=WEEKS_OF_A_YEAR)
    return EmailListField(required=False) if ".mail." in definition.name else NameField(required=False)


def in_force() -> Iterator[tuple[Definition, Any, int]]:
    """Each property with its value and version; version 0 is the default, never changed."""
    stored = {row.name: row for row in SystemProperty.objects.all()}
    for definition in BY_NAME.values():
        row = stored.get(definition.name)
        yield definition, (row.value if row else definition.default), (row.version if row else 0)


def update(actor: Actor, name: str, raw: Any, *, version: int, now: datetime) -> Any:
    """Returns the stored value. Raises KeyError, NotAllowed, ValidationError, Stale."""
    definition = BY_NAME[name]
    actor.require(Permission.PROPERTY_UPDATE_RESTRICTED if definition.restricted else Permission.PROPERTY_UPDATE)
    value = field_for(definition).clean(raw)
    with transaction.atomic():
        SystemProperty.objects.bulk_create(
            [SystemProperty(name=name, value=definition.default, version=0)], ignore_conflicts=True
        )
        row = SystemProperty.objects.select_for_update().get(name=name)
        if row.version != version:
            raise Stale(row.value, row.version)
        if row.value == value:
            return value
        before, row.value, row.version = row.value, value, version + 1
        row.save(update_fields=["value", "version", "updated_at"])
        audit.record(
            actor, "UPDATE_SYSTEM_PROPERTY", subject=name, before={"value": before}, after={"value": value},
            category="CONFIGURATION", at=now,
        )  # fmt: skip
    return value
