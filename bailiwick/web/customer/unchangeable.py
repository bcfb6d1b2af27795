"""The settings that an actor may read and not change, in words (domain 1.6: Customer Support views)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from bailiwick.access.told import is_there
from bailiwick.engine.forms.settings_form import SettingsForm
from bailiwick.web.words import value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bailiwick.access.actor import Actor
    from bailiwick.models import Customer


class Told(NamedTuple):
    """A section without a form: its heading, and label and value of each setting."""

    heading: str
    facts: list[tuple[str, object]]


def unchangeable(actor: Actor, customer: Customer) -> list[Told]:
    """What no section with a form offers to this actor."""
    offered = SettingsForm(actor=actor).fields
    found = [
        Told(str(each.heading), _facts(customer, [n for n in each.fields if n not in offered and is_there(actor, n)]))
        for each in SettingsForm.sections
    ]
    return [section for section in found if section.facts]


def _facts(customer: Customer, names: Iterable[str]) -> list[tuple[str, object]]:
    fields = {name: SettingsForm.base_fields[name] for name in names}
    return [(str(field.label), _said(customer, name, field)) for name, field in fields.items()]


def _said(customer: Customer, name: str, field: Any) -> object:
    """As the form would show it: a choice by its label, an address of the internet as people write it."""
    found = getattr(customer if hasattr(customer, name) else customer.detail, name, None)
    if hasattr(field, "queryset"):
        return str(found or "")
    labels = {str(code): str(label) for code, label in getattr(field, "choices", ())}
    if isinstance(found, list):
        return ", ".join(labels.get(str(each)) or str(each) for each in found)
    if isinstance(found, bool):
        return value(name, found)
    return labels.get(str(found), field.prepare_value(found)) if found is not None else ""
