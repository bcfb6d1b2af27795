"""One or two letters in the search box: the indexes of name, account and domain answer alone."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from bailiwick.access import prepared
from bailiwick.engine.listing.counting import CAP, Total
from bailiwick.engine.listing.filters import finds_beginnings
from bailiwick.engine.listing.rows import Found, Row
from bailiwick.engine.listing.searches import alone
from bailiwick.engine.listing.statements import joined

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bailiwick.access.actor import Actor
    from bailiwick.engine.listing.statements import Query

# Each customer once: by its name, or else by its domain, or else by its account number.
NAMED = "name_key >= %(key)s AND name_key < %(end)s"
REACHED = "NOT domain_key = '' AND domain_key >= %(key)s AND domain_key < %(end)s"
BILLED = "account_key >= %(key)s AND account_key < %(end)s"
ARMS = (NAMED, f"{REACHED} AND NOT ({NAMED})", f"{BILLED} AND NOT ({NAMED}) AND NOT ({REACHED})")
ARM = "(SELECT id, name_key FROM bailiwick_customer WHERE deleted_at IS NULL AND {arm}{end})"
# Planned once, so the rows are looked up in the same statement.
FOUND = """
SELECT (SELECT count(*) FROM ({all} LIMIT {most}) AS every), q.name_key, {version}, {columns}
FROM (SELECT id, name_key FROM ({first}) AS found {order}) AS q
  JOIN bailiwick_customer c ON c.id = q.id JOIN bailiwick_customerstat s ON s.customer_id = q.id {detail}
ORDER BY q.name_key {way}, q.id {way}
"""


@cache
def statement(way: str, detail: bool, most: int) -> str:
    """The first arm comes in its order from the index; only what the others add is sorted."""
    order = f" ORDER BY name_key {way}, id {way} LIMIT %(limit)s"
    every, first = (" UNION ALL ".join(ARM.format(arm=arm, end=end) for arm in ARMS) for end in ("", order))
    return FOUND.format(all=every, most=most + 1, first=first, order=order, way=way, **joined(detail=detail))


def key_of(actor: Actor, raw: Mapping[str, Any]) -> str:
    """What the operator's search begins with, if it is all that he asks for and so short that only beginnings count."""
    key = alone(actor, raw)
    return key if key and finds_beginnings(key) else ""


def first_of(key: str, query: Query) -> tuple[list[Found], Total]:
    """The first of those that begin so, by name, and how many there are; nothing where there are too many."""
    text = statement("DESC" if query.descending else "ASC", query.detail, CAP)
    end = key[:-1] + chr(ord(key[-1]) + 1)
    read = prepared.rows(text, {"key": key, "end": end, "limit": query.limit})
    count = read[0][0] if read else 0
    found = [Found(version, row[0], (name,), Row(*row)) for _count, name, version, *row in read if count <= CAP]
    return found, Total(min(count, CAP), exact=count <= CAP)
