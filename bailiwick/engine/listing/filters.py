"""The list's filter: one declaration for page, count, selection, export and action."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db.models import Q
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from bailiwick.access.scope import customers_for
from bailiwick.access.told import in_own_words, is_there, is_told, open_to
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.listing.criteria import criterion, is_criterion
from bailiwick.engine.listing.filter_fields import Flag, PartnerField, SearchField
from bailiwick.models import BastionState, EdgeAuthentication
from bailiwick.models.text import name_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor
    from bailiwick.models import Customer

MOST = 2**31 - 1
STATES = {"down": 3, "degraded": 2, "up": 1, "unactivated": 0}
COUNTERS = {
    "edges": "stat__edges",
    "edges_up": "stat__edges_connected",
    "edges_degraded": "stat__edges_degraded",
    "edges_down": "stat__edges_down",
    "edges_unactivated": "stat__edges_unactivated",
}
COUNTER_LABELS = {
    "edges": _("Edges"),
    "edges_up": _("Edges up"),
    "edges_degraded": _("Edges degraded"),
    "edges_down": _("Edges down"),
    "edges_unactivated": _("Edges not activated"),
}
EQUAL = {
    "gateway_pool": "gateway_pool_id",
    "operator_profile": "operator_profile_id",
    "alerts_enabled": "alerts_enabled",
    "operator_alerts_enabled": "operator_alerts_enabled",
    "edge_image_management": "edge_image_management",
    "edge_authentication": "edge_authentication",
    "bastion_state": "bastion_state",
    "country": "detail__country",
}
SEARCHED = {"name": "name_key", "account_number": "account_key", "domain": "domain_key"}
# Shorter than a trigram: the index of the search text has nothing to look up, the keys' own indexes have.
TRIGRAM = 3


class InvalidFilter(InvalidParams):
    """A filter that does not exist, or a value that it cannot take."""


def _id(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=1, max_value=2**63 - 1)


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, required=False, input_formats=["%Y-%m-%d"])


def _bound(label: Any, sign: str) -> forms.IntegerField:
    return forms.IntegerField(label=format_lazy("{} {}", label, sign), required=False, min_value=0, max_value=MOST)


def _one_of(label: Any, choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, required=False)


_COUNTRY = RegexValidator("^[A-Z]{2}$", _("Give the two letters of a country."))
_STATE_CHOICES = (
    ("up", _("Up")),
    ("degraded", _("Degraded")),
    ("down", _("Down")),
    ("unactivated", _("Not activated")),
)
# Every plain filter of the list; `<field>.<operator>` filters stand in criteria.py.
FIELDS: dict[str, forms.Field] = {
    "search": SearchField(label=_("Search"), required=False, max_length=255),
    "partner": PartnerField(label=_("Partner"), required=False),
    "gateway_pool": _id(_("Gateway pool")),
    "operator_profile": _id(_("Operator profile")),
    "state": _one_of(_("State"), _STATE_CHOICES),
    "alerts_enabled": Flag(label=_("Customer alerts")),
    "operator_alerts_enabled": Flag(label=_("Pre-notifications")),
    "edge_image_management": Flag(label=_("Edge Image Management")),
    "edge_authentication": _one_of(_("Edge authentication"), EdgeAuthentication.choices),
    "bastion_state": _one_of(_("Bastion state"), BastionState.choices),
    "country": forms.CharField(label=_("Country"), required=False, validators=[_COUNTRY]),
    "created_from": _day(_("Created from")),
    "created_to": _day(_("Created to")),
    **{f"{name}_min": _bound(label, "≥") for name, label in COUNTER_LABELS.items()},
    **{f"{name}_max": _bound(label, "≤") for name, label in COUNTER_LABELS.items()},
}


def given(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The filters that say something: an empty field of a page is no filter."""
    return {name: value for name, value in raw.items() if value not in ("", None, [])}


def matching(actor: Actor, raw: Mapping[str, Any]) -> QuerySet[Customer]:
    """The actor's customers that match. Raises InvalidFilter for an unknown filter or an unfit value."""
    rows, asked = customers_for(actor), given(raw)
    if not asked:
        return rows
    conditions: list[Q] = []
    errors: dict[str, list[dict[str, str]]] = {}
    for name, value in asked.items():
        try:
            there = is_there(actor, name.partition(".")[0])
            found = criterion(name, value) if there and is_criterion(name) else _condition(name, value, there=there)
            conditions.append(found & _as_told(actor, name, value))
        except InvalidParams as error:
            errors |= error.errors
    if errors:
        raise InvalidFilter(errors)
    return rows.filter(*conditions)


def searched(actor: Actor, text: str) -> QuerySet[Customer]:
    """The actor's customers whose search text holds it, as far as he may read that."""
    return customers_for(actor).filter(search(text), _as_told(actor, "search", text))


def _as_told(actor: Actor, name: str, value: Any) -> Q:
    """A customer that did not let the actor's side in matches by nothing but what he is told of it (TRF-02, MOD-05)."""
    if name == "search" and not is_there(actor, "account_number"):
        return in_own_words(str(value))  # the text that is searched holds it
    if is_told(actor, name.partition(".")[0]):
        return Q()
    return open_to(actor) | _in_told(actor, str(value)) if name == "search" else open_to(actor)


def asks_inside(actor: Actor, raw: Mapping[str, Any]) -> bool:
    """Whether only customers that let the actor's side in can match."""
    return any(name != "search" and not is_told(actor, name.partition(".")[0]) for name in given(raw))


def _in_told(actor: Actor, text: str) -> Q:
    lookup, found = "startswith" if finds_beginnings(text) else "contains", Q()
    for path in (path for column, path in SEARCHED.items() if is_told(actor, column)):
        found |= Q(**{f"{path}__{lookup}": name_key(text)})
    return found


def _condition(name: str, value: Any, *, there: bool) -> Q:
    cleaned = _clean(name, value, there=there)
    if cleaned in (None, ""):
        return Q()
    if name in EQUAL:
        return Q(**{EQUAL[name]: cleaned})
    if name in SPECIAL:
        return SPECIAL[name](cleaned)
    counter, bound = name.rsplit("_", 1)
    return Q(**{f"{COUNTERS[counter]}__{'gte' if bound == 'min' else 'lte'}": cleaned})


def _clean(name: str, value: Any, *, there: bool) -> Any:
    field = FIELDS.get(name) if there else None
    if field is None:
        raise InvalidFilter.one(name, "unknown_filter", str(_("There is no such filter.")))
    if not _fits(field, value):
        raise InvalidFilter.one(name, "wrong_type", str(_("This has the wrong type.")))
    try:
        return field.clean(value)
    except ValidationError as refusal:
        error = refusal.error_list[0]
        raise InvalidFilter.one(name, error.code or "invalid", error.messages[0]) from None


def _fits(field: forms.Field, value: Any) -> bool:
    """A page and a query string say everything as text; JSON says switches and numbers as what they are."""
    if isinstance(value, bool):
        return isinstance(field, Flag)
    numbers = forms.IntegerField | PartnerField
    return isinstance(value, str) or (isinstance(value, int) and isinstance(field, numbers))


def finds_beginnings(text: str) -> bool:
    """Whether a search is so short that it finds only how a name, an account number or a domain begins."""
    key = name_key(text)
    return 0 < len(key) < TRIGRAM and key.isascii()


def search(text: str) -> Q:
    """Substring of any searched column; one or two letters: how the name, the account or the domain begins."""
    key = name_key(text)
    if not key:
        return Q()
    if not finds_beginnings(text):
        return Q(search__text__contains=key)
    # The last index leaves out empty domains: the planner takes it only where the condition says so too.
    domain = Q(domain_key__startswith=key) & ~Q(domain_key="")
    return Q(name_key__startswith=key) | Q(account_key__startswith=key) | domain


SPECIAL: dict[str, Callable[[Any], Q]] = {
    "search": search,
    "partner": lambda value: Q(partner=None) if value == "none" else Q(partner_id=value),
    "state": lambda value: Q(stat__status=STATES[value]),
    "created_from": lambda value: Q(created_at__gte=datetime.combine(value, time.min, UTC)),
    "created_to": lambda value: Q(created_at__lte=datetime.combine(value, time.max, UTC)),
}
