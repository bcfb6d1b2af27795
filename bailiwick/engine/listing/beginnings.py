"""One or two letters in the search box: the indexes of name, account and domain answer alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError

from bailiwick.access import prepared
from bailiwick.engine.listing.counting import CAP, Total
from bailiwick.engine.listing.filters import FIELDS, finds_beginnings, given
from bailiwick.models.text import name_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bailiwick.access.actor import Actor

# Each customer once: by its name, or else by its domain, or else by its account number.
NAMED = "name_key >= %(key)s AND name_key < %(end)s"
REACHED = "NOT domain_key = '' AND domain_key >= %(key)s AND domain_key < %(end)s"
BILLED = "account_key >= %(key)s AND account_key < %(end)s"
ARMS = (NAMED, f"{REACHED} AND NOT ({NAMED})", f"{BILLED} AND NOT ({NAMED}) AND NOT ({REACHED})")
ARM = "(SELECT id, name_key FROM bailiwick_customer WHERE deleted_at IS NULL AND {arm}{end})"
FOUND = "SELECT (SELECT count(*) FROM ({all} LIMIT {most}) AS every), id, name_key FROM ({first}) AS q {order}"


def _statement(way: str) -> str:
    """The first arm comes in its order from the index; only what the others add is sorted."""
    order = f" ORDER BY name_key {way}, id {way} LIMIT %(limit)s"
    every, first = (" UNION ALL ".join(ARM.format(arm=arm, end=end) for arm in ARMS) for end in ("", order))
    return FOUND.format(all=every, most=CAP + 1, first=first, order=order)


WAYS = {False: _statement("ASC"), True: _statement("DESC")}


def key_of(actor: Actor, raw: Mapping[str, Any]) -> str:
    """What the operator's search begins with, if it is all that he asks for and so short that only beginnings count."""
    asked = given(raw)
    text = asked.get("search")
    if not (actor.is_operator and len(asked) == 1 and isinstance(text, str) and finds_beginnings(text)):
        return ""
    try:
        return name_key(FIELDS["search"].clean(text))
    except ValidationError:
        return ""  # the list says what is wrong with it


def first_of(key: str, *, descending: bool, limit: int) -> tuple[list[Any], Total]:
    """The first of those that begin so, by name: how many, id and key of each; nothing where there are too many."""
    end = key[:-1] + chr(ord(key[-1]) + 1)
    found = prepared.rows(WAYS[descending], {"key": key, "end": end, "limit": limit})
    count = found[0][0] if found else 0
    return (found if count <= CAP else []), Total(min(count, CAP), exact=count <= CAP)
