"""Parts of the list's page that are the same for many who look at it: made once, not once for a page."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from bailiwick.actions import MENU
from bailiwick.engine.action import Create, Export, Reach
from bailiwick.web.customers.address import LIMITS
from bailiwick.web.menu import dialog_of, why_not

if TYPE_CHECKING:
    from bailiwick.access.actor import Actor
    from bailiwick.engine.action import Action


def around(actor: Actor) -> dict[str, SafeString]:
    """The buttons above the list: what makes customers, with the reason where it is closed, and what writes files."""
    entries = list(MENU.of(actor))
    creating = tuple([(entry.slug, why_not(actor, entry, 0)) for entry in entries if _makes_from_nothing(entry)])
    exporting = tuple([entry.slug for entry in entries if isinstance(entry, Export)])
    return {"creating": _creating(creating, get_language()), "exporting": _exporting(exporting, get_language())}


def _makes_from_nothing(entry: Action) -> bool:
    return isinstance(entry, Create) and entry.reach is Reach.NONE


@lru_cache(maxsize=64)
def _creating(entries: tuple[tuple[str, str], ...], _language: str) -> SafeString:
    named = [(MENU[slug].label, dialog_of(slug), reason) for slug, reason in entries]
    return _made("customers/_creating.html", creating=named)


@lru_cache(maxsize=64)
def _exporting(slugs: tuple[str, ...], _language: str) -> SafeString:
    return _made("customers/_exporting.html", exporting=[(MENU[slug].label, dialog_of(slug)) for slug in slugs])


def sizes(chosen: int) -> SafeString:
    """The choices of how many rows a page has."""
    return _sizes(chosen, get_language())


@lru_cache(maxsize=64)
def _sizes(chosen: int, _language: str) -> SafeString:
    limits = [(str(limit), f"{limit:,}", limit == chosen) for limit in sorted({*LIMITS, chosen})]
    return _made("customers/_sizes.html", limits=limits)


def _made(template: str, **context: Any) -> SafeString:
    return SafeString(render_to_string(template, context).strip())
