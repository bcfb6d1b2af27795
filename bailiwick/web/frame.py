"""What every page shows around its content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bailiwick.access.permissions import ROLE_LABELS, Permission

if TYPE_CHECKING:
    from django.http import HttpRequest

    from bailiwick.access.actor import Actor


class Entry(NamedTuple):
    """One entry of the rail: shown when a page of this URL name exists and the actor holds one of the permissions."""

    name: str
    label: Any
    icon: str
    permissions: tuple[Permission, ...]


RAIL = (
    Entry("customers", gettext_lazy("Customers"), "customers", (Permission.CUSTOMER_READ,)),
    Entry("partners", gettext_lazy("Partners"), "partners", (Permission.PARTNER_READ,)),
    Entry("offers", gettext_lazy("Offered customers"), "jobs", (Permission.CUSTOMER_ACCEPT,)),
    Entry("deleted-customers", gettext_lazy("Deleted customers"), "bin", (Permission.CUSTOMER_RESTORE,)),
    Entry("jobs", gettext_lazy("Jobs"), "jobs", (Permission.CUSTOMER_READ,)),
    Entry("events", gettext_lazy("Events"), "events", (Permission.EVENT_READ,)),
    Entry("users", gettext_lazy("Users & roles"), "users", (Permission.USER_READ, Permission.ROLE_READ)),
    Entry("properties", gettext_lazy("System properties"), "properties", (Permission.PROPERTY_READ,)),
    Entry("mailbox", gettext_lazy("Mailbox"), "mail", (Permission.MAILBOX_READ,)),
)


def frame(request: HttpRequest) -> dict[str, Any]:
    """Gives templates the actor and the frame around his page; a page without an actor (sign-in) gets None."""
    actor = getattr(request, "actor", None)
    if actor is None:
        return {"actor": None}
    return {
        "actor": actor,
        "rail": rail_for(actor, request.path),
        "home_label": _home(actor),
        "role_label": ROLE_LABELS.get(actor.role, actor.role),
        "search_url": _url("search"),
        "running_url": _url("running-jobs"),
        "account_url": _url("account"),
        "sign_out_url": _url("sign-out"),
    }


def rail_for(actor: Actor, path: str = "") -> list[dict[str, Any]]:
    """The pages that the actor may open; the one that holds `path` is current."""
    allowed = [entry for entry in RAIL if any(actor.may(permission) for permission in entry.permissions)]
    shown = [(entry, url) for entry in allowed if (url := _url(entry.name))]
    current = max((url for _entry, url in shown if path == url or path.startswith(url + "/")), key=len, default=None)
    return [
        {"label": _label(entry, actor), "icon": entry.icon, "url": url, "current": url == current}
        for entry, url in shown
    ]


def _label(entry: Entry, actor: Actor) -> Any:
    """A partner's staff find themselves behind the operators' list of partners."""
    return _("Our settings") if entry.name == "partners" and not actor.is_operator else entry.label


def _home(actor: Actor) -> str:
    return {"operator": _("Operator"), "partner": _("Partner")}.get(actor.level, _("Customer"))


def _url(name: str) -> str | None:
    """The page's path, or None while no part of the program serves it."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return None
