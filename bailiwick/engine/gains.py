"""What each side gains and loses when customers go to a partner, in words: in all, and customer by customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count
from django.utils.translation import gettext as _

from bailiwick.access.scope import pools_of, profiles_of
from bailiwick.engine.terms import UNSTAGED, lacks_pool, lacks_profile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from django.db.models import QuerySet

    from bailiwick.models import Customer


def in_all(rows: QuerySet[Customer], params: Mapping[str, Any]) -> Iterator[str]:
    """Who loses how many, which pools and profiles the partner gets, from which pools customers move."""
    partner = params["partner"]
    named = {"partner": partner.name}
    if losing := _counted(rows.filter(partner__isnull=False).exclude(partner_id=partner.pk), "partner__name"):
        yield _("They lose these customers, and with them every access to them: %(names)s.") % {"names": losing}
    lacking = rows.filter(lacks_pool(partner.pk), bastion_state__in=UNSTAGED)
    if params["missing_pool"] == "share" and (pools := _counted(lacking, "gateway_pool__name")):
        yield _("%(partner)s may use more gateway pools: %(names)s.") % {**named, "names": pools}
    if params["missing_pool"] == "move" and (pools := _counted(lacking, "gateway_pool__name")):
        moved = {"pool": params["gateway_pool"].name, "names": pools}
        yield _("Customers move to the pool %(pool)s from: %(names)s.") % moved
    others = rows.filter(lacks_profile(partner.pk))
    if params["add_profiles"] and (profiles := _counted(others, "operator_profile__name")):
        yield _("%(partner)s may pass on more operator profiles: %(names)s.") % {**named, "names": profiles}


def of_each(rows: Sequence[Customer], params: Mapping[str, Any]) -> dict[int, list[str]]:
    """What else changes with each of these few customers, besides its own columns; two questions for all of them."""
    partner = params["partner"]
    pools = set(pools_of(partner.pk).values_list("pk", flat=True))
    profiles = set(profiles_of(partner.pk).values_list("pk", flat=True))
    return {
        row.pk: list(
            _of_one(row, params, lacks=(row.gateway_pool_id not in pools, row.operator_profile_id not in profiles))
        )
        for row in rows
    }


def _of_one(row: Customer, params: Mapping[str, Any], *, lacks: tuple[bool, bool]) -> Iterator[str]:
    lacks_its_pool, lacks_its_profile = lacks
    named = {"partner": params["partner"].name, "pool": row.gateway_pool.name, "profile": row.operator_profile.name}
    if row.partner:
        yield _("%(partner)s loses it, and every access to it.") % {"partner": row.partner.name}
    if lacks_its_pool and params["missing_pool"] == "share":
        yield _("%(partner)s may use its gateway pool %(pool)s too.") % named
    if lacks_its_pool and params["missing_pool"] == "move":
        yield _("Its edges leave the gateway pool %(pool)s and connect anew.") % named
    if lacks_its_profile:
        yield _("%(partner)s may pass on its operator profile %(profile)s too.") % named


def _counted(rows: QuerySet[Customer], name: str) -> str:
    counts = rows.order_by().values_list(name).annotate(n=Count("pk")).order_by("-n")
    return ", ".join(f"{label} ({count:,})" for label, count in counts)
