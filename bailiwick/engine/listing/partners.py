"""The list of partners: searched by name, sorted by any column, a page at a time; what hangs on a page asked once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Case, Count, F, IntegerField, OuterRef, Subquery, TextField, Value, When
from django.db.models.functions import Coalesce, Lower
from django.utils.translation import gettext as _

from bailiwick.access.scope import customers_for, partners_for
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.models import PartnerPool, PartnerProfile
from bailiwick.models.text import name_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.models import Model, QuerySet

    from bailiwick.access.actor import Actor
    from bailiwick.models import Partner

LONGEST = 255
MOST = 500
# What a partner says about itself: not told of one that withdrew operator access, nor sorted by.
OWN_WORDS = frozenset({
    "description", "contact_name", "contact_email", "contact_phone", "contact_mobile",
    "street", "city", "state", "postcode", "country",
})  # fmt: skip
SORTED = {"name": "name_key", "created": "created_at", "customers": "of_theirs"}
PLAIN = ("domain", "logical_id", "operator_access", "operate_gateways", "edge_image_management")


class PartnerRow(NamedTuple):
    """A partner, how many customers it has, what it may give them; `is_closed` to the reader."""

    partner: Partner
    customers: int
    is_closed: bool = False
    pools: Sequence[str] = ()
    profiles: Sequence[str] = ()

    @property
    def id(self) -> int:
        """The partner's."""
        return self.partner.pk

    @property
    def name(self) -> str:
        """The partner's."""
        return self.partner.name


class PartnerPage(NamedTuple):
    """Some partners, and how many match in all."""

    rows: Sequence[PartnerRow]
    total: int


def found(actor: Actor, search: str) -> QuerySet[Partner]:
    """The partners whose name holds it."""
    key = name_key(search[:LONGEST])
    rows = partners_for(actor)
    return rows.filter(name_key__contains=key) if key else rows


def page(
    actor: Actor, *, search: str = "", sort: str = "name", number: int = 1, limit: int = 50, cold: bool = False
) -> PartnerPage:
    """One page; behind the last one, the last. Raises InvalidParams for a column that cannot be sorted by."""
    rows = in_order(actor, found(actor, search), sort)
    total = rows.count()
    first = (min(number, max(-(-total // limit), 1)) - 1) * limit
    return PartnerPage(counted(actor, list(rows[first : first + limit]), cold=cold), total)


def in_order(actor: Actor, rows: QuerySet[Partner], sort: str) -> QuerySet[Partner]:
    """The rows sorted by a column, `-` in front for descending; equal ones by name."""
    name = sort.removeprefix("-")
    if name not in {*SORTED, *PLAIN, *OWN_WORDS}:
        raise InvalidParams.one("sort", "unknown_sort", _("Partners cannot be sorted by this column."))
    if name == "customers":
        counts = customers_for(actor).filter(partner_id=OuterRef("pk")).order_by().values("partner_id")
        theirs = Subquery(counts.annotate(n=Count("pk")).values("n"), output_field=IntegerField())
        rows = rows.annotate(of_theirs=Coalesce(theirs, 0))
    key = _key(actor, name)
    return rows.order_by(key.desc() if sort.startswith("-") else key.asc(), "name_key")


def _key(actor: Actor, name: str) -> Any:
    if name not in OWN_WORDS:
        return F(SORTED.get(name, name))
    words = Lower(name, output_field=TextField())
    return (
        Case(When(operator_access=True, then=words), default=Value(""), output_field=TextField())
        if actor.is_operator
        else words
    )


def counted(actor: Actor, partners: Sequence[Partner], *, cold: bool = False) -> list[PartnerRow]:
    """The partners with the number of their customers, in one question; `cold`: with their pools and profiles too."""
    ids = [partner.pk for partner in partners]
    theirs = customers_for(actor).filter(partner_id__in=ids)
    counts = dict(theirs.order_by().values_list("partner_id").annotate(n=Count("pk")))
    pools = _granted(PartnerPool, "gateway_pool__name", ids) if cold else {}
    profiles = _granted(PartnerProfile, "operator_profile__name", ids) if cold else {}
    return [
        PartnerRow(
            partner,
            counts.get(partner.pk, 0),
            actor.is_operator and not partner.operator_access,
            pools.get(partner.pk, ()),
            profiles.get(partner.pk, ()),
        )
        for partner in partners
    ]


def _granted(table: type[Model], name: str, ids: Sequence[int]) -> dict[int, list[str]]:
    rows = table._default_manager.filter(partner_id__in=ids).order_by(name).values_list("partner_id", name)
    granted: dict[int, list[str]] = {}
    for partner_id, called in rows:
        granted.setdefault(partner_id, []).append(called)
    return granted


def every(actor: Actor, search: str, *, sort: str = "name") -> Iterator[PartnerRow]:
    """All that match."""
    yield from counted(actor, list(in_order(actor, found(actor, search), sort)), cold=True)


def chosen(actor: Actor, select: object) -> list[int]:
    """The ids that `{"ids": …}` or `{"matching": {"search": …}}` selects. Raises InvalidParams."""
    kind, value = next(iter(select.items())) if isinstance(select, dict) and len(select) == 1 else ("", None)
    if kind == "ids" and isinstance(value, list) and all(type(each) is int and 0 < each < 2**63 for each in value):
        ids = list(dict.fromkeys(value))
    elif kind == "matching" and isinstance(value, dict) and value.keys() <= {"search"}:
        ids = list(found(actor, str(value.get("search", ""))).order_by("name_key").values_list("pk", flat=True))
    else:
        raise InvalidParams.one("select", "select_shape", _("Give one of ids or matching."))
    if not ids:
        raise InvalidParams.one("select", "select_empty", _("Select at least one partner."))
    if len(ids) > MOST:
        raise InvalidParams.one("select", "too_many", _("Select at most 500 partners."))
    return ids
