"""Open offers: a partner accepts or declines customers; an operator sees which wait for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from bailiwick.access.actor import NotAllowed
from bailiwick.access.permissions import Permission
from bailiwick.access.scope import offers_for
from bailiwick.access.wall import Beyond, beyond
from bailiwick.actions import MENU
from bailiwick.engine.gains import of_offers, profiles_besides
from bailiwick.web.posted import whole_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.http import HttpResponse

    from bailiwick.access.actor import Actor
    from bailiwick.models import TransferOffer
    from bailiwick.web.request import Request

PAGE = 100
# The partner answers, the operator takes back; which of them an actor may do decides what stands below the list.
ANSWERS = (
    ("accept-transfer", gettext_lazy("Accept the selected")),
    ("decline-transfer", gettext_lazy("Decline the selected")),
    ("withdraw-offer", gettext_lazy("Withdraw the selected")),
)


@require_safe
def offers(request: Request) -> HttpResponse:
    """Shows a page of them, the oldest first; `after` is the offer where it goes on."""
    actor = request.actor
    if not (actor.may(Permission.CUSTOMER_ACCEPT) or actor.may(Permission.CUSTOMER_TRANSFER)):
        raise NotAllowed(_("Your role does not allow this."))
    after = whole_number(request.GET.get("after"))
    rows = offers_for(actor)
    with_names = (
        "customer__gateway_pool",
        "customer__operator_profile",
        "customer__partner",
        "partner",
        "gateway_pool",
    )
    named = rows.select_related(*with_names).filter(pk__gt=after).order_by("pk")
    with beyond(Beyond.OFFER):
        page, total = list(named[: PAGE + 1]), rows.count()
        told = list(_told(page[:PAGE], actor))
    context = {
        "rows": told,
        "total": total,
        "next": page[PAGE - 1].pk if len(page) > PAGE else None,
        "is_first": not after,
        "answers": [(MENU[slug], words) for slug, words in ANSWERS if actor.may(MENU[slug].permission)],
        "is_asked": actor.may(Permission.CUSTOMER_ACCEPT),
    }
    return render(request, "partners/_offers.html" if request.htmx else "partners/offers.html", context)


def _told(page: Sequence[TransferOffer], actor: Actor) -> Iterator[tuple[TransferOffer, list[str]]]:
    """Each with what the transfer would do, in words."""
    gains = of_offers(page, to_operator=actor.is_operator)
    besides = profiles_besides([offer.customer_id for offer in page])
    for offer in page:
        others = (
            name for pk, name in besides.get(offer.customer_id, {}).items() if pk != offer.customer.operator_profile_id
        )
        yield offer, [_has(offer, list(others)), *_accesses(offer, actor), *gains[offer.customer_id]]


def _has(offer: TransferOffer, others: Sequence[str]) -> str:
    customer = offer.customer
    has = {"pool": customer.gateway_pool.name, "profiles": ", ".join((customer.operator_profile.name, *others))}
    told = ngettext(
        "It has the gateway pool %(pool)s and the operator profile %(profiles)s.",
        "It has the gateway pool %(pool)s and the operator profiles %(profiles)s.",
        1 + len(others),
    )
    return told % has


def _accesses(offer: TransferOffer, actor: Actor) -> Iterator[str]:
    partner = offer.partner.name if actor.is_operator else _("Your users")
    may = _("%(who)s may open it.") if offer.partner_access else _("%(who)s see the name only.")
    yield may % {"who": partner}
    if offer.operator_access is not None:
        yield _("Operators may open it.") if offer.operator_access else _("Operators may not open it.")
