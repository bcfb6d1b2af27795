"""The one declaration of an action's inputs: page, JSON, shell and JSON Schema are derived from it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bailiwick.access.actor import Actor

UNSTORABLE = gettext_lazy("This text holds NUL or half a character, which is not allowed.")
LONGEST_NUMBER = 18
ROWS = (forms.ModelChoiceField, forms.ModelMultipleChoiceField)
SEVERAL = (forms.MultipleChoiceField, forms.ModelMultipleChoiceField)


class InvalidParams(Exception):  # noqa: N818 -- reads as the sentence it is
    """Input that cannot be used: 422 at every door, with `errors` as field → list of {code, message}."""

    def __init__(self, errors: dict[str, list[dict[str, Any]]], *, status: int = 422) -> None:
        super().__init__(
            "; ".join(f"{field}: {error['message']}" for field, found in errors.items() for error in found)
        )
        self.errors = errors
        self.status = status

    @classmethod
    def one(cls, field: str, code: str, message: str, *, status: int = 422) -> InvalidParams:
        """Makes the error of a single field."""
        return cls({field: [{"code": code, "message": message}]}, status=status)


class Section(NamedTuple):
    """A part of a long form: its name in addresses, its heading, its fields."""

    slug: str
    heading: Any
    fields: tuple[str, ...]


class ActionForm(forms.Form):
    """A form that knows who fills it in; choices come from the actor's scope."""

    sections: ClassVar[tuple[Section, ...]] = ()

    def __init__(self, data: Mapping[str, Any] | None = None, *, actor: Actor, **options: Any) -> None:
        super().__init__(data, **options)
        self.actor = actor
        self.prepare()

    def prepare(self) -> None:
        """Fills choices from `self.actor`'s scope; forms override it."""


class DefaultsForm(ActionForm):
    """A form where what is left out has the value that an empty page shows: a script names only what differs."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, actor: Actor, **options: Any) -> None:
        super().__init__(data, actor=actor, **options)
        if data is not None:
            self.data = self._with_defaults(data)

    def _with_defaults(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """What this actor's page would show: `prepare()` may have chosen for him."""
        defaults = {name: field.initial for name, field in self.fields.items() if field.initial not in (None, "")}
        return {**defaults, **{name: value for name, value in data.items() if value not in (None, "")}}


def clean(form_class: type[ActionForm], raw: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """Validates raw values from any door. Raises InvalidParams with every error at once."""
    form = form_class({name: _spelt(form_class, name, value) for name, value in raw.items()}, actor=actor)
    shapeless = _shape_errors(form, raw)
    form.data = {name: value for name, value in form.data.items() if name not in shapeless}
    errors = _errors(form) | shapeless
    if shapeless:
        errors.pop("__all__", None)  # what fields are together is said of whole ones
    if errors:
        raise InvalidParams(errors, status=_status(errors))
    return form.cleaned_data


def _spelt(form_class: type[ActionForm], name: str, value: Any) -> Any:
    """A yes or no of JSON as a page would send it to a choice of true and false."""
    field = form_class.base_fields.get(name)
    chooses = isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField)
    if chooses and isinstance(value, bool):
        return "true" if value else "false"
    return value


def _status(errors: Mapping[str, Iterable[Mapping[str, Any]]]) -> int:
    """403 where all that is wrong is that the actor may not."""
    codes = {error["code"] for found in errors.values() for error in found}
    return HTTPStatus.FORBIDDEN if codes == {"not_allowed"} else HTTPStatus.UNPROCESSABLE_ENTITY


def raw_values(form_class: type[ActionForm], posted: Any, actor: Actor) -> dict[str, Any]:
    """Turns a submitted page (QueryDict) into the raw values that JSON would carry."""
    form = form_class(actor=actor)
    # A page leaves out a box that is not ticked and a list in which nothing is chosen.
    unticked = {name: False for name, field in form.fields.items() if isinstance(field, forms.BooleanField)}
    return unticked | {
        name: _as_ids(value) if isinstance(field, ROWS) else value
        for name, field in form.fields.items()
        if name in posted or isinstance(field, SEVERAL)
        for value in [field.widget.value_from_datadict(posted, {}, name)]
    }


def _as_ids(value: Any) -> Any:
    """What a page posts of rows are ids: numbers here, so that none of them is taken for a name of digits."""
    if isinstance(value, list):
        return [_as_ids(each) for each in value]
    return int(value) if value and value.isascii() and value.isdecimal() and len(value) <= LONGEST_NUMBER else value


def _shape_errors(form: ActionForm, raw: Mapping[str, Any]) -> dict[str, list[dict[str, str]]]:
    errors = {}
    for name, value in raw.items():
        if name in form.base_fields and name not in form.fields:
            errors[name] = [{"code": "not_allowed", "message": _("Your role does not allow this.")}]
        elif name not in form.fields:
            errors[name] = [{"code": "unknown_field", "message": _("There is no such field.")}]
        elif not _fits(form.fields[name], value) or (value is None and not _may_be_null(form, name)):
            errors[name] = [{"code": "wrong_type", "message": _("This has the wrong type.")}]
        elif isinstance(value, str) and is_unstorable(value):
            errors[name] = [{"code": "forbidden_character", "message": str(UNSTORABLE)}]
    return errors


def _may_be_null(form: ActionForm, name: str) -> bool:
    """Whether null says something: not of a yes or no, nor of a list, unless what is left out has a default."""
    field = form.fields[name]
    is_switch = isinstance(field, forms.BooleanField) and not isinstance(field, forms.NullBooleanField)
    return isinstance(form, DefaultsForm) or field.required or not (is_switch or isinstance(field, SEVERAL))


def is_unstorable(text: str) -> bool:
    """Whether it holds NUL or a lone surrogate: these fit into no column and no encoding."""
    return "\0" in text or (not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text))


def _fits(field: forms.Field, value: object) -> bool:
    if isinstance(field, forms.JSONField):
        return True
    if isinstance(field, SEVERAL):
        return value is None or (isinstance(value, list) and all(isinstance(item, str | int) for item in value))
    if type(field) in (forms.BooleanField, forms.NullBooleanField):
        return value is None or isinstance(value, bool) or str(value).lower() in {"true", "false", "on", "0", "1", ""}
    if isinstance(value, bool):
        return isinstance(field, forms.TypedChoiceField)
    return value is None or isinstance(value, str | int | float)


def _errors(form: ActionForm) -> dict[str, list[dict[str, str]]]:
    data = form.errors.get_json_data()
    return {
        name: [{"code": e["code"] or "invalid", "message": e["message"]} for e in found] for name, found in data.items()
    }
