"""What each side gains and loses when customers go to a partner, in words: in all, and customer by customer."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from django.db.models import Count
from django.utils.translation import gettext as _

from bailiwick.access.scope import pools_of, profiles_of
from bailiwick.engine.terms import UNSTAGED, lacks_pool
from bailiwick.models import CustomerProfile

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
    if params["add_profiles"] and (profiles := _listed(_lacking_in_all(rows, partner.pk))):
        yield _("%(partner)s may pass on more operator profiles: %(names)s.") % {**named, "names": profiles}


def _lacking_in_all(rows: QuerySet[Customer], partner_id: int) -> Counter[str]:
    """By name how many have a profile that the partner does not, as their default or to choose."""
    own = profiles_of(partner_id).values("pk")
    besides = CustomerProfile.objects.filter(customer__in=rows.values("pk")).exclude(operator_profile__in=own)
    used = Counter(_numbers(rows.exclude(operator_profile__in=own), "operator_profile__name"))
    used.update(_numbers(besides, "operator_profile__name"))
    return used


def of_each(rows: Sequence[Customer], params: Mapping[str, Any]) -> dict[int, list[str]]:
    """What else changes with each of these few customers, besides its own columns; two questions for all of them."""
    partner = params["partner"]
    pools = set(pools_of(partner.pk).values_list("pk", flat=True))
    lacking = _lacking(rows, set(profiles_of(partner.pk).values_list("pk", flat=True)))
    return {
        row.pk: list(_of_one(row, params, lacking[row.pk], lacks_its_pool=row.gateway_pool_id not in pools))
        for row in rows
    }


def _lacking(rows: Sequence[Customer], own: set[int]) -> dict[int, list[str]]:
    """By customer the names of the profiles that it has and the partner does not: its default, then those to choose."""
    found = {row.pk: [row.operator_profile.name] * (row.operator_profile_id not in own) for row in rows}
    besides = CustomerProfile.objects.filter(customer__in=found).exclude(operator_profile__in=own)
    for customer_id, name in besides.order_by("operator_profile__name_key").values_list(
        "customer_id", "operator_profile__name"
    ):
        found[customer_id].append(name)
    return found


def _of_one(row: Customer, params: Mapping[str, Any], lacking: Sequence[str], *, lacks_its_pool: bool) -> Iterator[str]:
    named = {"partner": params["partner"].name, "pool": row.gateway_pool.name}
    if row.partner:
        yield _("%(partner)s loses it, and every access to it.") % {"partner": row.partner.name}
    if lacks_its_pool and params["missing_pool"] == "share":
        yield _("%(partner)s may use its gateway pool %(pool)s too.") % named
    if lacks_its_pool and params["missing_pool"] == "move":
        yield _("Its edges leave the gateway pool %(pool)s and connect anew.") % named
    for profile in lacking:
        yield _("%(partner)s may pass on its operator profile %(profile)s too.") % {**named, "profile": profile}


def _counted(rows: QuerySet[Any], name: str) -> str:
    return _listed(Counter(_numbers(rows, name)))


def _numbers(rows: QuerySet[Any], name: str) -> dict[str, int]:
    return dict(rows.order_by().values_list(name).annotate(n=Count("pk")))


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{label} ({count:,})" for label, count in counts.most_common())
