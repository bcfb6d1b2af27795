"""The JSON Schema of an action's inputs, made from its form: there is no second declaration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bailiwick.engine.forms.form import ROWS, SEVERAL

if TYPE_CHECKING:
    from bailiwick.access.actor import Actor
    from bailiwick.engine.forms.form import ActionForm

# Countries and time zones are not listed: the standard that they come from is.
MOST_CHOICES = 100
# How scripts may name a row, at every door that takes no page's choice.
SPELLINGS = _("By id, logical id or name.")


def params_schema(form_class: type[ActionForm], actor: Actor | None = None) -> dict[str, Any]:
    """Describes what may be sent as `params`: with the actor's own choices, or without him what all have in common."""
    fields = form_class(actor=actor).fields if actor else form_class.base_fields
    properties = {name: _described(field) for name, field in fields.items()}
    required = [name for name, field in fields.items() if field.required]
    schema: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    return schema | ({"required": required} if required else {})


def _described(field: forms.Field) -> dict[str, Any]:
    described = _typed(field)
    help_text = " ".join(str(text) for text in (field.help_text, SPELLINGS if isinstance(field, ROWS) else "") if text)
    for name, text in (("title", field.label), ("description", help_text)):
        if text:
            described[name] = str(text)
    initial = field.initial
    if isinstance(initial, bool | int | float | str | list) and not isinstance(field, forms.ModelChoiceField):
        described["default"] = initial
    return described


def _typed(field: forms.Field) -> dict[str, Any]:
    for kind, describe in KINDS:
        if isinstance(field, kind):
            found: dict[str, Any] = describe(field)
            return found
    return {"type": "string"}


def _choices(field: Any) -> list[Any]:
    return [value for value, _label in field.choices if value != ""]


def _one_of(field: Any) -> dict[str, Any]:
    values = _choices(field)
    if set(values) == {"true", "false"}:
        return {"type": ["boolean", "string"], "enum": [True, False, "true", "false"]}
    if len(values) > MOST_CHOICES:
        return {"type": "string"}
    return {"type": "string", "enum": values if field.required else ["", *values]}


def _rows(_field: Any) -> dict[str, Any]:
    return {"type": ["integer", "string"]}


def _number(field: Any) -> dict[str, Any]:
    bounds = {"minimum": field.min_value, "maximum": field.max_value}
    kind = "number" if isinstance(field, forms.FloatField | forms.DecimalField) else "integer"
    return {"type": kind} | {name: value for name, value in bounds.items() if isinstance(value, int | float)}


def _text(field: Any) -> dict[str, Any]:
    return {"type": "string"} | ({"maxLength": field.max_length} if field.max_length else {})


def _several(field: Any) -> dict[str, Any]:
    if isinstance(field, forms.ModelMultipleChoiceField):
        return {"type": "array", "items": {"type": ["integer", "string"]}}
    offered = {"enum": choices} if (choices := _choices(field)) else {}
    return {"type": "array", "items": {"type": "string", **offered}}


# The first that fits; a form class comes before the class it is derived from.
KINDS: tuple[tuple[Any, Any], ...] = (
    (forms.JSONField, lambda _field: {}),
    (SEVERAL, _several),
    (forms.ModelChoiceField, _rows),
    (forms.ChoiceField, _one_of),
    (forms.NullBooleanField, lambda _field: {"type": ["boolean", "null"]}),
    (forms.BooleanField, lambda _field: {"type": "boolean"}),
    (forms.IntegerField, _number),
    (forms.DecimalField, _number),
    (forms.DateTimeField, lambda _field: {"type": "string", "format": "date-time"}),
    (forms.DateField, lambda _field: {"type": "string", "format": "date"}),
    (forms.EmailField, lambda field: {"format": "email", **_text(field)}),
    (forms.CharField, _text),
)
