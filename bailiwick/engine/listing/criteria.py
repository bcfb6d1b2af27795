"""Advanced filters: `<field>.<operator>` with the fourteen operators of domain 1.3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bailiwick.engine.forms.form import InvalidParams
from bailiwick.models import BastionState, EdgeAuthentication
from bailiwick.models.text import forbidden_character, name_key

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 255
MOST_VALUES = 100
LONGEST_NUMBER = 19
TRUE = ("1", "true")


class Column(NamedTuple):
    """A column that can be asked: where it is stored, what kind of value it holds, what it is called."""

    path: str
    kind: str
    label: Any
    choices: tuple[str, ...] = ()


COLUMNS = {
    "name": Column("name_key", "key", _("Customer")),
    "account_number": Column("account_key", "key", _("Account number")),
    "domain": Column("domain_key", "key", _("Domain")),
    "partner": Column("partner_id", "id", _("Partner")),
    "gateway_pool": Column("gateway_pool_id", "id", _("Gateway pool")),
    "operator_profile": Column("operator_profile_id", "id", _("Operator profile")),
    "edges": Column("stat__edges", "number", _("Edges")),
    "edges_up": Column("stat__edges_connected", "number", _("Edges up")),
    "edges_degraded": Column("stat__edges_degraded", "number", _("Edges degraded")),
    "edges_down": Column("stat__edges_down", "number", _("Edges down")),
    "edges_unactivated": Column("stat__edges_unactivated", "number", _("Edges not activated")),
    "bastion_state": Column("bastion_state", "choice", _("Bastion state"), tuple(BastionState.values)),
    "edge_authentication": Column(
        "edge_authentication", "choice", _("Edge authentication"), tuple(EdgeAuthentication.values)
    ),
    "contact_name": Column("detail__contact_name", "text", _("Contact")),
    "contact_email": Column("detail__contact_email", "text", _("Contact e-mail")),
    "city": Column("detail__city", "text", _("City")),
    "state": Column("detail__state", "text", _("State or province")),
    "postcode": Column("detail__postcode", "text", _("Postcode")),
    "country": Column("detail__country", "text", _("Country")),
    "timezone": Column("detail__timezone", "text", _("Time zone")),
    "description": Column("detail__description", "text", _("Description")),
}


class Operator(NamedTuple):
    """What an operator asks of the database, and of which kinds of column."""

    lookup: str
    kinds: frozenset[str]
    label: Any
    negated: bool = False


_WORDS = frozenset({"key", "text"})
_EVERY = _WORDS | {"number", "choice", "id"}
_NULLABLE = _WORDS | {"id"}
_NUMBERS = frozenset({"number"})

OPERATORS = {
    "is": Operator("is", _EVERY, _("is")),
    "isNot": Operator("is", _EVERY, _("is not"), negated=True),
    "isNull": Operator("null", _NULLABLE, _("is empty")),
    "isNotNull": Operator("null", _NULLABLE, _("is not empty"), negated=True),
    "startsWith": Operator("startswith", _WORDS, _("starts with")),
    "notStartsWith": Operator("startswith", _WORDS, _("does not start with"), negated=True),
    "endsWith": Operator("endswith", _WORDS, _("ends with")),
    "notEndsWith": Operator("endswith", _WORDS, _("does not end with"), negated=True),
    "contains": Operator("contains", _WORDS, _("contains")),
    "notContains": Operator("contains", _WORDS, _("does not contain"), negated=True),
    "greaterOrEquals": Operator("gte", _NUMBERS, "≥"),
    "lesserOrEquals": Operator("lte", _NUMBERS, "≤"),
    "in": Operator("in", _EVERY, _("is one of")),
    "notIn": Operator("in", _EVERY, _("is none of"), negated=True),
}


def is_criterion(name: str) -> bool:
    """Whether the name of a filter has the form of an advanced one."""
    return "." in name


def criterion(name: str, value: Any) -> Q:
    """The condition of one advanced filter. Raises InvalidParams for what does not exist or does not fit."""
    field, _dot, operator = name.partition(".")
    column, asked = COLUMNS.get(field), OPERATORS.get(operator)
    if column is None or asked is None or column.kind not in asked.kinds:
        raise InvalidParams.one(name, "unknown_filter", str(_("There is no such filter.")))
    condition = _condition(name, column, asked.lookup, value)
    # Partners only: no partner is not "this partner", which SQL's three values would leave out.
    return ~condition if asked.negated else condition


def _condition(name: str, column: Column, lookup: str, value: Any) -> Q:
    if lookup == "null":
        if value is not True and not (isinstance(value, str) and value.lower() in TRUE):
            raise InvalidParams.one(name, "invalid", str(_("Give true: the opposite is an operator of its own.")))
        return Q(**{f"{column.path}__isnull": True}) if column.kind == "id" else Q(**{column.path: ""})
    if lookup == "in":
        values = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else [value]
        if len(values) > MOST_VALUES:
            raise InvalidParams.one(name, "too_many", str(_("Give at most 100 values.")))
        return Q(**{f"{column.path}__in": [_read(name, column, item) for item in values]})
    wanted = _read(name, column, value)
    return Q(**{f"{column.path}__{_lookup(column, lookup)}": wanted})


def _lookup(column: Column, lookup: str) -> str:
    if lookup == "is":
        return "iexact" if column.kind == "text" else "exact"
    return f"i{lookup}" if column.kind == "text" else lookup


def _read(name: str, column: Column, value: Any) -> Any:
    is_number = type(value) is int and column.kind in ("number", "id")
    if not is_number and not isinstance(value, str):
        raise InvalidParams.one(name, "wrong_type", str(_("This has the wrong type.")))
    return READERS[column.kind](name, column, str(value).strip())


def _words(name: str, _column: Column, value: str) -> str:
    if len(value) > LONGEST or forbidden_character(value, long=True):
        raise InvalidParams.one(name, "invalid", str(_("No stored text can hold this.")))
    return value


def _key(name: str, column: Column, value: str) -> str:
    key = name_key(_words(name, column, value))
    if not key:  # blanks and invisible characters only: every name would begin with it
        raise InvalidParams.one(name, "empty_filter", str(_("This filter is empty. Give a value, or leave it out.")))
    return key


def _whole(name: str, column: Column, value: str) -> int:
    most = 2**63 if column.kind == "id" else 2**31
    if not (value.isascii() and value.isdecimal() and len(value) <= LONGEST_NUMBER) or int(value) >= most:
        raise InvalidParams.one(name, "invalid", str(_("Give a whole number.")))
    return int(value)


def _choice(name: str, column: Column, value: str) -> str:
    if value not in column.choices:
        message = str(_("Give one of: %(choices)s.")) % {"choices": ", ".join(column.choices)}
        raise InvalidParams.one(name, "invalid_choice", message)
    return value


READERS: dict[str, Callable[[str, Column, str], Any]] = {
    "key": _key,
    "text": _words,
    "number": _whole,
    "id": _whole,
    "choice": _choice,
}
