"""A form for what a configuration object says, made from the JSON Schema of its kind."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bailiwick.access.configuration import configuration_for
from bailiwick.engine.configuration.schema import REFERS, schema_of
from bailiwick.engine.forms import fields
from bailiwick.engine.forms.form import ActionForm

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bailiwick.access.actor import Actor
    from bailiwick.engine.configuration.kinds import Kind
    from bailiwick.models import Customer

DOT = "."  # between the name of an object and of its member; no member's name has one
OUTSIDE = ("edge", "gateway")


class LinesField(forms.CharField):
    """A list of texts, one a line."""

    widget = forms.Textarea(attrs={"rows": 4})

    def prepare_value(self, value: Any) -> Any:
        """A line for each."""
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """Without empty lines."""
        return [line.strip() for line in str(super().to_python(value) or "").splitlines() if line.strip()]


class JsonField(forms.JSONField):
    """JSON, shown so that people can read it."""

    widget = forms.Textarea(attrs={"rows": 8, "class": "form-control font-monospace", "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        """With a line for each member."""
        return spelt(value) if isinstance(value, dict | list) else super().prepare_value(value)


class BodyForm(ActionForm):
    """The name of an object, its place among rules, and a field for each member of its body."""

    name = fields.NameField(label=_("Name"))
    position = forms.IntegerField(
        label=_("Place"),
        min_value=0,
        max_value=100_000,
        initial=0,
        help_text=_("The first rule that matches is followed."),
    )

    def __init__(
        self, data: Any = None, *, actor: Actor, kind: Kind, customer: Customer, body: Mapping[str, Any], **options: Any
    ) -> None:
        self.kind, self.customer = kind, customer
        initial = {**_flat(schema_of(kind.slug), body), **options.pop("initial", {})}
        super().__init__(data, actor=actor, initial=initial, **options)

    def prepare(self) -> None:
        """The members of this kind; a kind that a customer has one of has no name of its own."""
        if self.kind.single:
            del self.fields["name"]
        if not self.kind.ordered:
            del self.fields["position"]
        for name, schema, required in members(schema_of(self.kind.slug)):
            self.fields[name] = self._field(schema, required=required)

    def body(self) -> dict[str, Any]:
        """What was filled in, without what was left empty."""
        found: dict[str, Any] = {}
        for name, _schema, _required in members(schema_of(self.kind.slug)):
            outer, dot, inner = name.partition(DOT)
            holder = found.setdefault(outer, {}) if dot else found
            value = self.cleaned_data.get(name)
            if value not in (None, "", []):
                holder[inner or outer] = value
        return found

    def place(self, path: str) -> str | None:
        """The field where the fault of this JSON Pointer is shown; none: it is about the whole."""
        parts = path.split("/")[1:]
        names = (DOT.join(parts[:2]), *parts[:1])
        return next((name for name in names if name in self.fields), None)

    def _field(self, schema: Mapping[str, Any], *, required: bool) -> forms.Field:
        says = {"label": schema.get("title", ""), "required": required, "initial": schema.get("default")}
        items = schema.get("items", {})
        if REFERS in schema:
            return forms.TypedChoiceField(coerce=int, empty_value=None, choices=self._named(schema[REFERS]), **says)
        if items.get(REFERS, "edge") not in OUTSIDE:
            return forms.TypedMultipleChoiceField(
                coerce=int, choices=self._named(items[REFERS])[1:], widget=forms.CheckboxSelectMultiple, **says
            )
        return _plain(schema, says)

    def _named(self, kind: str) -> list[tuple[Any, Any]]:
        mine = configuration_for(self.actor).filter(customer_id=self.customer.pk, kind=kind).order_by("name_key")
        return [("", "–"), *mine.values_list("local_id", "name")]


def members(schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    """The name of each field, its schema, whether it is required; members of an object are fields of their own."""
    for name, inner in schema["properties"].items():
        if inner.get("type") == "object" and "properties" in inner:
            yield from ((f"{name}{DOT}{each}", found, needed) for each, found, needed in members(inner))
        else:
            yield name, inner, name in schema.get("required", ())


def _plain(schema: Mapping[str, Any], says: dict[str, Any]) -> forms.Field:
    if "enum" in schema:
        values = schema["enum"]
        choices = [(str(value), str(value).replace("_", " ").capitalize()) for value in values]
        chosen = {str(value): value for value in values}
        empty = [] if says["initial"] is not None or says["required"] else [("", "–")]
        return forms.TypedChoiceField(coerce=chosen.get, empty_value=None, choices=[*empty, *choices], **says)
    kind = schema.get("type")
    if kind == "boolean":
        return forms.BooleanField(**{**says, "required": False})
    if kind == "integer":
        return forms.IntegerField(min_value=schema.get("minimum"), max_value=schema.get("maximum"), **says)
    if kind == "string":
        return forms.CharField(max_length=schema.get("maxLength"), **says)
    if kind == "array" and schema["items"].get("type") == "string":
        return LinesField(help_text=_("One a line."), **says)
    return JsonField(help_text=_("JSON, by the schema of this kind."), **says)


def _flat(schema: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a body by field."""
    found = {}
    for name, _inner, _required in members(schema):
        outer, dot, inner = name.partition(DOT)
        holder = body.get(outer, {}) if dot else body
        if (inner or outer) in holder:
            found[name] = holder[inner or outer]
    return found


def spelt(body: Any) -> str:
    """A body for people to read."""
    return json.dumps(body, indent=2, ensure_ascii=False, sort_keys=True)
