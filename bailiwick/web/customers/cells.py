"""What stands in a cell of the list: HTML from a function, because a template takes five times as long."""

from __future__ import annotations

from functools import lru_cache
from html import escape
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bailiwick.web.folding import as_ascii

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from bailiwick.engine.listing.names import Names
    from bailiwick.engine.listing.rows import Row

    Cell = Callable[[Row], str]
    # Words are translated when the cell of a column is made, once for a page, not once for a row.
    Maker = Callable[[Names], Cell]

NONE = as_ascii('<span class="none">–</span>')
LONGEST = 80
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
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
_counts = attrgetter(*(field for field, _mood, _mark, _label in COUNTS))
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


def name(_names: Names) -> Cell:
    """The customer's name, which opens it, and the button of the side panel."""
    facts = escape(_("Facts of %(name)s"))

    def cell(row: Row) -> str:
        known = escape(row.name)
        return (
            f'<a href="/customers/{row.id}" title="{known}"><bdi>{known}</bdi></a><button type="button" class="info"'
            f' data-panel="{row.id}" aria-label="{facts.replace("%(name)s", known)}"></button>'
        )

    return cell


def closed(row: Row) -> str:
    """The name of a customer that did not let the reader's side in: it opens nothing, and says why."""
    because = (
        _("Has withdrawn operator access") if row.partner_access is None else _("Has not given its partner access")
    )
    why, known = escape(because), escape(row.name)
    return (
        f'<span title="{known}"><bdi>{known}</bdi></span> '
        f'<span class="lock" role="img" aria-label="{why}" title="{why}"></span>'
    )


def partner(names: Names) -> Cell:
    """The partner's name, which opens the list of its customers (LST-03)."""
    links = _shown(names).partners
    return lambda row: links.get(row.partner_id or 0, NONE)


class _Shown(NamedTuple):
    partners: Mapping[int, str]
    pools: Mapping[int, str]
    profiles: Mapping[int, str]


@lru_cache(maxsize=1)
def _shown(names: Names) -> _Shown:
    """The cells of all names, made once for a version of them."""
    return _Shown(
        {key: f'<a href="/customers?partner={key}">{words(called)}</a>' for key, called in names.partners.items()},
        {key: words(called) for key, called in names.pools.items()},
        {key: words(called) for key, called in names.profiles.items()},
    )


def edges(_names: Names) -> Cell:
    """How many edges, by state; a state that no edge has is left out."""
    kinds = [(mood, mark, str(label)) for _field, mood, mark, label in COUNTS]

    # Most customers have few edges, so the same few numbers come again and again.
    @lru_cache(maxsize=4_096)
    def cell(total: int, *counts: int) -> str:
        found = [(number, *kind) for number, kind in zip(counts, kinds, strict=True) if number]
        shown = as_ascii("".join(f'<i class="mark-{mood}">{mark}</i>{number}' for number, mood, mark, _label in found))
        said = ", ".join(f"{number} {label}" for number, _mood, _mark, label in found)
        if not shown:
            return f'<span class="none">{total}</span>'
        return f'<span class="counts" role="img" aria-label="{said}" title="{said}">{shown}</span>'

    return lambda row: cell(row.edges, *_counts(row))


def status(_names: Names) -> Cell:
    """The worst state that any of its edges has, as a dot and a word."""
    states = [f'<span class="state state-{mood}">{escape(str(label))}</span>' for mood, label in STATES]
    return lambda row: states[row.status]


def flag(field: str) -> Maker:
    """The cells of a switch."""

    def make(_names: Names) -> Cell:
        on = f'<span class="state state-good">{escape(_("on"))}</span>'
        off = f'<span class="state state-idle">{escape(_("off"))}</span>'
        return lambda row: on if getattr(row, field) else off

    return make


def plain(field: str) -> Maker:
    """The cells of a text."""
    return lambda _names: lambda row: words(getattr(row, field))


def long(field: str) -> Maker:
    """The cells of a text that may be long: its beginning."""

    def cell(row: Row) -> str:
        text: str = getattr(row, field)
        return words(text if len(text) <= LONGEST else text[: LONGEST - 1] + "…")

    return lambda _names: cell


def number(field: str) -> Maker:
    """The cells of a counter."""
    return lambda _names: lambda row: f"{getattr(row, field):,}"


def moment(field: str) -> Maker:
    """The cells of an instant: the day, and the exact time in UTC on hover."""

    def cell(row: Row) -> str:
        at: datetime = getattr(row, field)
        # Pieces of the ISO form: strftime took a tenth of the time of a page.
        whole = at.isoformat(" ", "seconds")
        day, hour = whole[:10], whole[11:19]
        shown = f"{at.day} {MONTHS[at.month - 1]} {at.year}"
        return f'<time datetime="{day}T{hour}Z" title="{day} {hour} UTC">{shown}</time>'

    return lambda _names: cell


def choice(field: str, labels: Mapping[str, Any]) -> Maker:
    """The cells of a value that has a name of ours."""

    def make(_names: Names) -> Cell:
        shown = {value: words(label) for value, label in labels.items()}
        return lambda row: shown.get(getattr(row, field)) or words(getattr(row, field))

    return make


def pool(names: Names) -> Cell:
    """The gateway pool's name."""
    called = _shown(names).pools
    return lambda row: called.get(row.gateway_pool_id, NONE)


def profile(names: Names) -> Cell:
    """The operator profile's name."""
    called = _shown(names).profiles
    return lambda row: called.get(row.operator_profile_id, NONE)


def services(_names: Names) -> Cell:
    """The services the customer may use."""
    return lambda row: words(", ".join(str(service) for service in row.services or ()))
