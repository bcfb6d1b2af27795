"""Fields that choose rows of a table: by id, logical id or name, whatever the door."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bailiwick.engine.forms.form import LONGEST_NUMBER, is_unstorable
from bailiwick.models.text import NAME_LENGTH, name_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

UNKNOWN = {"invalid_choice": gettext_lazy("There is none of this name or id.")}


class RowField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One row."""

    default_error_messages: ClassVar[dict[str, Any]] = UNKNOWN

    def to_python(self, value: Any) -> Any:
        """The row that is meant."""
        return None if value in self.empty_values else _meant(self.queryset, value, self.error_messages)


class RowsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Several rows."""

    default_error_messages: ClassVar[dict[str, Any]] = UNKNOWN

    def clean(self, value: Any) -> Any:
        """The rows that are meant; what is no id already is looked up."""
        if isinstance(value, list | tuple):
            value = [each if isinstance(each, int) else self._id_of(each) for each in value]
        return super().clean(value)

    def _id_of(self, each: Any) -> Any:
        return _meant(self.queryset, each, self.error_messages).pk


def _meant(rows: QuerySet[Any] | None, given: Any, words: Mapping[str, Any]) -> Any:
    """The row of this id, logical id or name. Raises ValidationError where there is none, or more than one."""
    found = list(rows.filter(_spelt(given))[:2]) if rows is not None else []
    if not found:
        raise ValidationError(words["invalid_choice"], code="invalid_choice")
    if len(found) > 1:
        message = _("This is the id of one and the name of another. Give the logical id.")
        raise ValidationError(message, code="ambiguous")
    return found[0]


def _spelt(given: Any) -> Q:
    if isinstance(given, int | Model):
        return Q(pk=given.pk if isinstance(given, Model) else given)
    text = str(given).strip()
    if len(text) > NAME_LENGTH or is_unstorable(text):
        return Q(pk__in=())
    return Q(name_key=name_key(text)) | _id(text) | _logical_id(text)


def _id(text: str) -> Q:
    is_id = text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER
    return Q(pk=int(text)) if is_id else Q(pk__in=())


def _logical_id(text: str) -> Q:
    try:
        return Q(logical_id=uuid.UUID(text))
    except ValueError:
        return Q(pk__in=())
