"""What each side gains and loses when customers go to a partner, in words: in all, and customer by customer."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Count
from django.utils.translation import gettext as _

from bailiwick.access.scope import profiles_of
from bailiwick.engine.intake.stock import POOL, PROFILE, Stock
from bailiwick.engine.licences import lacking
from bailiwick.engine.offers import terms_of
from bailiwick.engine.terms import UNSTAGED, Terms, lacks_pool
from bailiwick.models import CustomerLicence, CustomerProfile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from django.db.models import QuerySet

    from bailiwick.models import Customer, GatewayPool, Partner, TransferOffer


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
    held = CustomerLicence.objects.filter(customer__in=rows.values("pk"))
    if types := _counted(held.exclude(licence_type__partner_grants__partner=partner), "licence_type__name"):
        yield _("%(partner)s gets more types of edge licences: %(names)s.") % {**named, "names": types}


def _lacking_in_all(rows: QuerySet[Customer], partner_id: int) -> Counter[str]:
    """By name how many have a profile that the partner does not, as their default or to choose."""
    own = profiles_of(partner_id).values("pk")
    besides = CustomerProfile.objects.filter(customer__in=rows.values("pk")).exclude(operator_profile__in=own)
    used = Counter(_numbers(rows.exclude(operator_profile__in=own), "operator_profile__name"))
    used.update(_numbers(besides, "operator_profile__name"))
    return used


def of_each(rows: Sequence[Customer], params: Mapping[str, Any]) -> dict[int, list[str]]:
    """What else changes with each of these few customers, besides its own columns."""
    terms = Terms.of(params)
    return _of_deals([_Deal(row, params["partner"], terms, params["gateway_pool"]) for row in rows])


def of_offers(offers: Sequence[TransferOffer], *, to_operator: bool) -> dict[int, list[str]]:
    """By customer what its offer gives and takes; who is asked does not read from whom the customer would come."""
    deals = [_Deal(offer.customer, offer.partner, terms_of(offer), offer.gateway_pool) for offer in offers]
    return _of_deals(deals, names_loser=to_operator)


class _Deal(NamedTuple):
    """A customer that goes to a partner, and on what terms."""

    row: Customer
    partner: Partner
    terms: Terms
    goal: GatewayPool | None


def _of_deals(deals: Sequence[_Deal], *, names_loser: bool = True) -> dict[int, list[str]]:
    """For any number of partners, in six questions."""
    stock = Stock({deal.partner.pk for deal in deals})
    besides = profiles_besides([deal.row.pk for deal in deals])
    types = lacking([deal.row.pk for deal in deals], {deal.partner.pk for deal in deals})
    return {
        deal.row.pk: [
            *(_loser(deal.row) if names_loser else ()),
            *_of_one(deal, stock, besides.get(deal.row.pk, {})),
            *_licences(deal, types.get(deal.partner.pk, {}).get(deal.row.pk, ())),
        ]
        for deal in deals
    }


def profiles_besides(customer_ids: Sequence[int]) -> dict[int, dict[int, str]]:
    """By customer what it may choose besides its default: profile to name, in the order of names."""
    rows = CustomerProfile.objects.filter(customer__in=customer_ids).order_by("operator_profile__name_key")
    found: dict[int, dict[int, str]] = {}
    for customer_id, pk, name in rows.values_list("customer_id", "operator_profile_id", "operator_profile__name"):
        found.setdefault(customer_id, {})[pk] = name
    return found


def _loser(row: Customer) -> Iterator[str]:
    if row.partner:
        yield _("%(partner)s loses it, and every access to it.") % {"partner": row.partner.name}


def _licences(deal: _Deal, names: Sequence[str]) -> Iterator[str]:
    if names:
        told = {"partner": deal.partner.name, "names": ", ".join(names)}
        yield _("%(partner)s gets its types of edge licences too: %(names)s.") % told


def _of_one(deal: _Deal, stock: Stock, besides: Mapping[int, str]) -> Iterator[str]:
    row, partner, terms, goal = deal
    named = {"partner": partner.name, "pool": row.gateway_pool.name}
    lacks_its_pool = not stock.has(POOL, partner.pk, row.gateway_pool_id)
    if lacks_its_pool and terms.missing_pool == "share":
        yield _("%(partner)s may use its gateway pool %(pool)s too.") % named
    if lacks_its_pool and terms.missing_pool == "move" and goal:
        moved = _("Its edges leave the gateway pool %(pool)s for %(goal)s and connect anew.")
        yield moved % {**named, "goal": goal.name}
    used = {row.operator_profile_id: row.operator_profile.name, **besides} if terms.add_profiles else {}
    for pk, profile in used.items():
        if not stock.has(PROFILE, partner.pk, pk):
            yield _("%(partner)s may pass on its operator profile %(profile)s too.") % {**named, "profile": profile}


def _counted(rows: QuerySet[Any], name: str) -> str:
    return _listed(Counter(_numbers(rows, name)))


def _numbers(rows: QuerySet[Any], name: str) -> dict[str, int]:
    return dict(rows.order_by().values_list(name).annotate(n=Count("pk")))


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{label} ({count:,})" for label, count in counts.most_common())
