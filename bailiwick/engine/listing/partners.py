"""The list of partners: searched by name, a page by key, the customers of a page counted once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Count

from bailiwick.access.scope import customers_for, partners_for
from bailiwick.models.text import name_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor
    from bailiwick.models import Partner

LONGEST = 255


class PartnerRow(NamedTuple):
    """A partner and how many customers it has."""

    partner: Partner
    customers: int


class PartnerPage(NamedTuple):
    """Some partners by name, how many match in all, and the id after which the next page begins."""

    rows: Sequence[PartnerRow]
    total: int
    next: int | None


def found(actor: Actor, search: str) -> QuerySet[Partner]:
    """The partners whose name holds it."""
    key = name_key(search[:LONGEST])
    rows = partners_for(actor)
    return rows.filter(name_key__contains=key) if key else rows


def page(actor: Actor, *, search: str = "", after: int | None = None, limit: int = 50) -> PartnerPage:
    """One page in the order of names; where the row before it is gone, the first."""
    rows = found(actor, search).order_by("name_key")
    edge = partners_for(actor).filter(pk=after).values_list("name_key", flat=True).first() if after else None
    beyond = rows.filter(name_key__gt=edge) if edge is not None else rows
    shown = list(beyond[: limit + 1])
    return PartnerPage(counted(actor, shown[:limit]), rows.count(), shown[limit - 1].pk if len(shown) > limit else None)


def counted(actor: Actor, partners: Sequence[Partner]) -> list[PartnerRow]:
    """The partners with the number of their customers, in one question."""
    theirs = customers_for(actor).filter(partner_id__in=[partner.pk for partner in partners])
    counts = dict(theirs.order_by().values_list("partner_id").annotate(n=Count("pk")))
    return [PartnerRow(partner, counts.get(partner.pk, 0)) for partner in partners]


def every(actor: Actor, search: str) -> Iterator[PartnerRow]:
    """All that match, by name."""
    yield from counted(actor, list(found(actor, search).order_by("name_key")))
