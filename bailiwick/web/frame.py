"""What every page shows around its content."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from bailiwick.access.homes import name_of
from bailiwick.access.permissions import ROLE_LABELS, Permission

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.safestring import SafeString

    from bailiwick.access.actor import Actor


class Entry(NamedTuple):
    """One entry of the rail: shown when a page of this URL name exists and the actor holds one of the permissions."""

    name: str
    label: Any
    icon: str
    permissions: tuple[Permission, ...]


# Whoever may see the users of his own home; an operator who may not still sees what roles may do.
PEOPLE = (
    Permission.OPERATOR_USER_READ,
    Permission.PARTNER_USER_READ,
    Permission.CUSTOMER_USER_READ,
    Permission.ROLE_READ,
)
RAIL = (
    Entry("customers", gettext_lazy("Customers"), "customers", (Permission.CUSTOMER_READ,)),
    Entry("partners", gettext_lazy("Partners"), "partners", (Permission.PARTNER_READ,)),
    Entry("own-partner", gettext_lazy("Our settings"), "partners", (Permission.PARTNER_OWN,)),
    Entry("offers", gettext_lazy("Offered customers"), "jobs", (Permission.CUSTOMER_ACCEPT,)),
    Entry("gateways", gettext_lazy("Gateways"), "gateways", (Permission.GATEWAY_READ,)),
    Entry("gateway-pools", gettext_lazy("Gateway pools"), "pools", (Permission.GATEWAY_READ,)),
    Entry("operator-profiles", gettext_lazy("Operator profiles"), "profiles", (Permission.OPERATOR_PROFILE_READ,)),
    Entry("software-images", gettext_lazy("Software images"), "image", (Permission.OPERATOR_PROFILE_READ,)),
    Entry("rollouts", gettext_lazy("Roll-outs"), "rollouts", (Permission.OPERATOR_PROFILE_READ,)),
    Entry("edge-licences", gettext_lazy("Edge licences"), "licence", (Permission.LICENCE_READ,)),
    Entry("deleted-customers", gettext_lazy("Deleted customers"), "bin", (Permission.CUSTOMER_RESTORE,)),
    Entry("jobs", gettext_lazy("Jobs"), "jobs", (Permission.CUSTOMER_READ,)),
    Entry("events", gettext_lazy("Events"), "events", (Permission.EVENT_READ,)),
    Entry("users", gettext_lazy("Users & roles"), "users", PEOPLE),
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
        "rail": _rail(
            actor.permissions, current_of(actor, request.path), get_language(), is_customer=actor.level == "customer"
        ),
        "home_label": partial(_home, actor),
        "role_label": actor.role_name or ROLE_LABELS.get(actor.role, actor.role),
        "search_url": _url("search"),
        "running_url": _url("running-jobs"),
        "account_url": _url("account"),
        "sign_out_url": _url("sign-out"),
    }


def rail_for(actor: Actor) -> list[tuple[Entry, str]]:
    """The pages that the actor may open."""
    return _entries(actor.permissions)


def current_of(actor: Actor, path: str) -> str:
    """The entry that holds the page at `path`, by its address; empty where none does."""
    urls = [url for _entry, url in _entries(actor.permissions) if path == url or path.startswith(f"{url}/")]
    return max(urls, key=len, default="")


@cache
def _entries(permissions: frozenset[Permission]) -> list[tuple[Entry, str]]:
    allowed = [entry for entry in RAIL if not permissions.isdisjoint(entry.permissions)]
    return [(entry, url) for entry in allowed if (url := _url(entry.name))]


@cache
def _rail(permissions: frozenset[Permission], current: str, _language: str, *, is_customer: bool) -> SafeString:
    """The menu as HTML; nothing in it is of one person, so there are as many as roles times pages."""
    named = [
        (entry._replace(label=_("Overview")) if is_customer and entry.name == "customers" else entry, url)
        for entry, url in _entries(permissions)
    ]
    return render_to_string("_rail.html", {"rail": named, "current": current})


def _home(actor: Actor) -> str:
    """Where "where I am" begins: users of a partner or a customer read its name. Only whole pages ask."""
    return name_of(actor) or _("Operator")


@cache
def _url(name: str) -> str | None:
    """The page's path, or None while no part of the program serves it."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return None
