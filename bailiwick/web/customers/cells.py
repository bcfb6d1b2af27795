"""What stands in a cell of the list: HTML from a function, because a template takes five times as long."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bailiwick.engine.names import Names
    from bailiwick.engine.rows import Row

    Cell = Callable[[Row, Names], str]

NONE = '<span class="none">–</span>'
LONGEST = 80
STATES = (
    ("idle", gettext_lazy("Not activated")),
    ("good", gettext_lazy("Up")),
    ("warn", gettext_lazy("Degraded")),
    ("bad", gettext_lazy("Down")),
)
COUNTS = (
    ("edges_connected", "good", "●", gettext_lazy("up")),
    ("edges_degraded", "warn", "◐", gettext_lazy("degraded")),
    ("edges_down", "bad", "○", gettext_lazy("down")),
    ("edges_unactivated", "idle", "◌", gettext_lazy("not activated")),
)
BASTION = {
    "UNCONFIGURED": gettext_lazy("Not staged"),
    "STAGE_REQUESTED": gettext_lazy("Staging"),
    "STAGED": gettext_lazy("Staged"),
    "UNSTAGE_REQUESTED": gettext_lazy("Unstaging"),
    "UNSTAGED": gettext_lazy("Unstaged"),
}
AUTHENTICATION = {
    "CERTIFICATE_DISABLED": gettext_lazy("Deactivated"),
    "CERTIFICATE_OPTIONAL": gettext_lazy("Acquire"),
    "CERTIFICATE_REQUIRED": gettext_lazy("Required"),
}


def words(value: Any) -> str:
    """Text that somebody wrote: escaped, and kept from turning the line around."""
    return f"<bdi>{escape(str(value))}</bdi>" if value not in ("", None) else NONE


def long_words(value: str) -> str:
    """The beginning of a long text."""
    return words(value if len(value) <= LONGEST else value[: LONGEST - 1] + "…")


def name(row: Row, _names: Names) -> str:
    """The customer's name, which opens it, and the button of the side panel."""
    known = escape(row.name)
    facts = escape(_("Facts of %(name)s") % {"name": row.name})
    return (
        f'<a href="/customers/{row.id}" title="{known}"><bdi>{known}</bdi></a>'
        f'<button type="button" class="info" data-panel="{row.id}" aria-label="{facts}"></button>'
    )


def partner(row: Row, names: Names) -> str:
    """The partner's name, which opens the list of its customers (LST-03)."""
    if row.partner_id is None:
        return NONE
    return f'<a href="/customers?partner={row.partner_id}">{words(names.partners.get(row.partner_id, ""))}</a>'


def edges(row: Row, _names: Names) -> str:
    """How many edges, by state; a state that no edge has is left out."""
    if not row.edges:
        return '<span class="none">0</span>'
    return " ".join(
        f'<span class="count" title="{number} {label}"><i class="mark-{mood}" aria-hidden="true">{mark}</i>{number}'
        f'<span class="visually-hidden"> {label}</span></span>'
        for field, mood, mark, label in COUNTS
        if (number := getattr(row, field))
    )


def status(row: Row, _names: Names) -> str:
    """The worst state that any of its edges has, as a dot and a word."""
    mood, label = STATES[row.status]
    return f'<span class="state state-{mood}">{label}</span>'


def flag(field: str) -> Cell:
    """The cell of a switch."""

    def cell(row: Row, _names: Names) -> str:
        on = getattr(row, field)
        return f'<span class="state state-{"good" if on else "idle"}">{_("on") if on else _("off")}</span>'

    return cell


def plain(field: str) -> Cell:
    """The cell of a text."""
    return lambda row, _names: words(getattr(row, field))


def long(field: str) -> Cell:
    """The cell of a text that may be long."""
    return lambda row, _names: long_words(getattr(row, field))


def number(field: str) -> Cell:
    """The cell of a counter."""
    return lambda row, _names: f"{getattr(row, field):,}"


def moment(field: str) -> Cell:
    """The cell of an instant: the day, and the exact time in UTC on hover."""

    def cell(row: Row, _names: Names) -> str:
        at: datetime = getattr(row, field)
        return f'<time datetime="{at:%Y-%m-%dT%H:%M:%SZ}" title="{at:%Y-%m-%d %H:%M:%S} UTC">{at.day} {at:%b %Y}</time>'

    return cell


def choice(field: str, labels: dict[str, Any]) -> Cell:
    """The cell of a value with a name of ours."""
    return lambda row, _names: words(labels.get(getattr(row, field), getattr(row, field)))


def services(row: Row, _names: Names) -> str:
    """The services the customer may use."""
    return words(", ".join(str(service) for service in row.services or ()))
