"""What the customers of each partner may have, and what they get where nothing is said: for any number of partners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from bailiwick.access.scope import partners_for
from bailiwick.engine.reasons import Problem
from bailiwick.models import GatewayPool, Partner, PartnerPool, PartnerProfile

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from bailiwick.access.actor import Actor

POOL, PROFILE = "gateway_pool", "operator_profile"


class Stock:
    """The pools and profiles of these partners, in three queries."""

    def __init__(self, partner_ids: Collection[int]) -> None:
        # What a partner gives first, last: the one marked for it, else the installation's own, else the first by name.
        granted = PartnerPool.objects.filter(partner_id__in=partner_ids).order_by(
            "is_default", "gateway_pool__is_default", "-gateway_pool__name_key"
        )
        owned = GatewayPool.objects.filter(partner_id__in=partner_ids).order_by("-name_key")
        profiles = PartnerProfile.objects.filter(partner_id__in=partner_ids).order_by(
            "is_default", "operator_profile__image__version", "-operator_profile_id"
        )
        self.kept: dict[str, dict[int, dict[int, bool]]] = {POOL: {}, PROFILE: {}}
        for partner, pool in [*owned.values_list("partner_id", "id"), *granted.values_list("partner_id", f"{POOL}_id")]:
            self.kept[POOL].setdefault(partner, {}).pop(pool, None)
            self.kept[POOL][partner][pool] = True
        for partner, profile, old in profiles.values_list(
            "partner_id", f"{PROFILE}_id", "operator_profile__image__deprecated"
        ):
            self.kept[PROFILE].setdefault(partner, {})[profile] = not old

    def has(self, kind: str, partner_id: int, row_id: int) -> bool:
        """Whether the partner may give it."""
        return row_id in self.kept[kind].get(partner_id, {})

    def default(self, kind: str, partner_id: int) -> int | None:
        """What its customer gets; a profile with a deprecated software image is given to nobody new."""
        usable = [pk for pk, is_usable in self.kept[kind].get(partner_id, {}).items() if is_usable]
        return usable[-1] if usable else None


def lacking(rows: Sequence[Mapping[str, Any]], actor: Actor) -> list[Problem]:
    """Rows whose partner may not give the pool, the profile or the switch, or whose pool is a partner's own."""
    partners = {row["partner_id"] for row in rows if row["partner_id"]}
    stock = Stock(partners)
    pools = {row["gateway_pool_id"] for row in rows}
    private = set(GatewayPool.objects.filter(pk__in=pools, partner__isnull=False).values_list("pk", flat=True))
    found = [(row, kind) for row in rows for kind in (POOL, PROFILE) if _is_lacking(stock, row, kind, private)]
    names = dict(Partner.objects.filter(pk__in={row["partner_id"] for row, _kind in found}).values_list("pk", "name"))
    return [*_problems(found, names), *_switched(rows, actor)]


def _switched(rows: Sequence[Mapping[str, Any]], actor: Actor) -> Iterator[Problem]:
    """Partners pass on what the operator activated for them (domain 10.3)."""
    on = [row for row in rows if row.get("edge_image_management")] if actor.level == "partner" else []
    if on and not partners_for(actor).filter(edge_image_management=True).exists():
        message = _("The operator has not activated Edge Image Management for your company.")
        yield from (Problem(row["line"], "edge_image_management", message, "partner_lacks_it") for row in on)


def _is_lacking(stock: Stock, row: Mapping[str, Any], kind: str, private: set[int]) -> bool:
    if row["partner_id"]:
        return not stock.has(kind, row["partner_id"], row[f"{kind}_id"])
    return kind == POOL and row["gateway_pool_id"] in private


def _problems(found: Sequence[tuple[Mapping[str, Any], str]], names: Mapping[int, str]) -> Iterator[Problem]:
    for row, kind in found:
        named = {"partner": names.get(row["partner_id"], "")}
        if not row["partner_id"]:
            yield Problem(row["line"], POOL, _("This gateway pool is a partner's own."), "pool_of_partner")
        elif kind == POOL:
            yield Problem(row["line"], POOL, _("%(partner)s lacks this gateway pool.") % named, "pool_lacking")
        else:
            message = _("%(partner)s lacks this operator profile.") % named
            yield Problem(row["line"], PROFILE, message, "profile_lacking")
