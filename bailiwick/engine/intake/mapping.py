"""Which column of a file goes into which field of a customer: as told, as remembered, or as the headings suggest."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bailiwick.engine.forms.form import InvalidParams
from bailiwick.models.text import name_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# The heading of our own export (domain 13.2) for each field, and other headings that say the same.
TARGETS: dict[str, tuple[str, ...]] = {
    "name": ("Customer", "Company", "Company Name", "Name", "Customer Name", "Security", "Organisation"),
    "account_number": ("Account Number", "Account", "Account No", "Customer Number", "Symbol"),
    "partner": ("Partner", "Reseller"),
    "domain": ("Domain", "Domain Name"),
    "description": ("Description", "Notes", "Comment"),
    "contact_name": ("Contact Name", "Contact"),
    "contact_email": ("Contact Email", "Email", "E-Mail"),
    "contact_phone": ("Contact Phone", "Phone", "Telephone"),
    "contact_mobile": ("Contact Mobile", "Mobile"),
    "street": ("Street", "Address", "Street Address"),
    "street_2": ("Street 2", "Address 2"),
    "city": ("City", "Town"),
    "state": ("State", "Province", "Region"),
    "location": ("Headquarters Location", "Location", "Headquarters", "City State"),
    "postcode": ("Postcode", "Postal Code", "Zip", "Zip Code"),
    "country": ("Country", "Country Code"),
    "latitude": ("Latitude", "Lat"),
    "longitude": ("Longitude", "Lon", "Lng"),
    "timezone": ("Time Zone", "Timezone"),
    "locale": ("Locale", "Language"),
    "gateway_pool": ("Gateway Pool", "Pool"),
    "operator_profile": ("Operator Profile", "Software Image"),
    "edge_image_management": ("Edge Image Management",),
    "edge_authentication": ("Edge Authentication",),
    "alerts_enabled": ("Customer Alerts",),
    "operator_alerts_enabled": ("Operator Alerts", "Pre-Notifications"),
    "services": ("Services",),
}
LABELS = {
    "name": gettext_lazy("Company name"),
    "location": gettext_lazy("City, state"),
    "row": gettext_lazy("Whole row"),
}
REQUIRED = ("name", "account_number")
# Only an export of ours has these three together.
OURS = frozenset({"customer", "accountnumber", "logicalid"})


class Source(NamedTuple):
    """Where the text of a field comes from: a column of the file, or the same text for every row."""

    column: int | None
    constant: str = ""


def label(target: str) -> Any:
    """What a page calls the field."""
    return LABELS.get(target) or TARGETS.get(target, (target,))[0]


def is_ours(headings: Sequence[str]) -> bool:
    """Whether the file is a customers export of ours: its formula guards are then taken off again."""
    return {_plain(heading) for heading in headings} >= OURS


def guess(headings: Sequence[str]) -> dict[str, Any]:
    """The mapping that the headings suggest."""
    by_plain: dict[str, str] = {}
    for heading in headings:
        by_plain.setdefault(_plain(heading), heading)
    found = {
        target: next((by_plain[plain] for name in names if (plain := _plain(name)) in by_plain), None)
        for target, names in TARGETS.items()
    }
    return {target: heading for target, heading in found.items() if heading is not None}


def resolve(headings: Sequence[str], mapping: object) -> dict[str, Source]:
    """Turns a mapping into sources; none at all means the guess.

    `{"name": "Security", "country": {"value": "US"}, "city": {"column": 5}}`; the other way round, heading to field,
    is understood too. Raises InvalidParams with every error at once.
    """
    if mapping in (None, "", {}):
        mapping = guess(headings)
    if not isinstance(mapping, dict):
        raise _wrong("wrong_type", _("Give an object: field to heading."))
    errors: list[dict[str, str]] = []
    sources: dict[str, Source] = {}
    for target, source, problem in _pairs(headings, mapping):
        if source is None:
            errors.append(problem)
        elif target in sources:
            errors.append(_error("used_twice", _("Two columns go to %(field)s."), field=label(target)))
        else:
            sources[target] = source
    missing = [target for target in REQUIRED if target not in sources]
    errors += [_error("not_mapped", _("Say which column is %(field)s."), field=label(target)) for target in missing]
    if errors:
        raise InvalidParams({"mapping": errors})
    return sources


def _pairs(headings: Sequence[str], mapping: Mapping[str, Any]) -> Iterator[tuple[str, Source | None, dict[str, str]]]:
    for key, value in mapping.items():
        target, other = _field(key), value
        turned = _field(value) if isinstance(value, str) else None
        if turned and key in headings and not (target and value in headings):
            target, other = turned, key
        if target is None:
            yield "", None, _error("unknown_target", _("There is no field “%(field)s”."), field=key)
        else:
            source = _source(headings, other)
            yield target, source, _error("unknown_column", _("The file has no column “%(field)s”."), field=other)


def _source(headings: Sequence[str], told: object) -> Source | None:
    if isinstance(told, str):
        return Source(headings.index(told)) if told in headings else None
    if not isinstance(told, dict) or len(told) != 1:
        return None
    kind, value = next(iter(told.items()))
    if kind == "value" and isinstance(value, str | int | float | bool):
        return Source(None, str(value).lower() if isinstance(value, bool) else str(value))
    if kind == "column" and type(value) is int and 1 <= value <= len(headings):
        return Source(value - 1)
    return None


def _field(name: str) -> str | None:
    """The field of this name, however it is spelt: `account_number`, `accountNumber`, `Account Number`."""
    plain = _plain(name)
    for target, names in TARGETS.items():
        if plain in {_plain(target), *(_plain(name) for name in names)}:
            return target
    return None


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name_key(text))


def _wrong(code: str, message: str) -> InvalidParams:
    return InvalidParams.one("mapping", code, message)


def _error(code: str, message: str, *, field: object) -> dict[str, str]:
    return {"code": code, "message": message % {"field": str(field)[:255]}}
