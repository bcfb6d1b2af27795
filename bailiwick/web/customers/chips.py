"""The filter in words: a chip for each part of it, which takes it away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.translation import gettext as _

from bailiwick.engine.listing.criteria import COLUMNS, OPERATORS, is_criterion
from bailiwick.engine.listing.filters import FIELDS
from bailiwick.web.posted import whole_number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bailiwick.engine.listing.names import Names
    from bailiwick.web.customers.address import Address

NULL = ("isNull", "isNotNull")


class Chip(NamedTuple):
    """One part of the filter, and the address of the list without it."""

    label: str
    value: str
    without: str


def chips(address: Address, names: Names) -> Iterator[Chip]:
    """A chip for each filter but the search, which stands in its own field."""
    for name, value in address.raw.items():
        if name == "search":
            continue
        said = _criterion(name, value, names) if is_criterion(name) else _plain(name, value, names)
        if said:
            yield Chip(*said, address.without(name))


def _plain(name: str, value: str, names: Names) -> tuple[str, str] | None:
    field: Any = FIELDS.get(name)
    if field is None:
        return None
    label = str(field.label)
    if label[-1] in "≥≤":
        return label, value
    if name == "partner" and value == "none":
        return f"{label}:", _("none")
    choices = {str(key): str(words) for key, words in getattr(field, "choices", ())}
    return f"{label}:", choices.get(value) or _named(name, value, names)


def _criterion(name: str, value: str, names: Names) -> tuple[str, str] | None:
    field, _dot, operator = name.partition(".")
    if field not in COLUMNS or operator not in OPERATORS:
        return None
    label = f"{COLUMNS[field].label} {OPERATORS[operator].label}"
    if operator in NULL:
        return label, ""
    return label, ", ".join(_named(field, part, names) for part in value.split(","))


def _named(name: str, value: str, names: Names) -> str:
    known = {"partner": names.partners, "gateway_pool": names.pools, "operator_profile": names.profiles}.get(name)
    return known.get(whole_number(value), value) if known else value
