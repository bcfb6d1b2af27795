"""Who has to know that a gateway is quiesced is told by mail: partners, and customers without one (domain 12.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from bailiwick.access.scope import LIVING
from bailiwick.models import Gateway, GatewayState, User
from bailiwick.outbox import enqueue_mail

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

PURPOSE = "gateway-migration"
AT_ONCE = 500  # letters in a transaction; where the next ones begin stands in the gateway's row


def recipients(row: Gateway) -> QuerySet[User]:
    """The superusers of every partner, and of every customer without one, whose edges may be on the gateway."""
    served = LIVING.filter(gateway_pool__gateways=row)
    of_partners = Q(level="partner", role="partner-superuser", partner_id__in=served.values("partner_id"))
    of_customers = Q(level="customer", role="customer-superuser", customer__in=served.filter(partner=None))
    return User.objects.filter(of_partners | of_customers, is_active=True, deleted_at=None).order_by("pk")


def write(now: datetime) -> int:
    """The next letters about one gateway; returns how many."""
    with transaction.atomic():
        waiting = Gateway.objects.filter(state=GatewayState.QUIESCED, letters_after__isnull=False)
        row = waiting.select_for_update(of=("self",), skip_locked=True).order_by("pk").first()
        if row is None:
            return 0
        found = list(recipients(row).filter(pk__gt=row.letters_after or 0)[:AT_ONCE])
        subject, body = _letter(row)
        for user in found:
            about, key = {"user": user.pk, "purpose": PURPOSE}, f"quiesced:{row.pk}:{row.version}:{user.pk}"
            enqueue_mail([user.email], subject=subject, body=body, key=key, now=now, about=about)
        last = found[-1].pk if len(found) == AT_ONCE else None
        Gateway.objects.filter(pk=row.pk).update(letters_after=last)
        return len(found)


def _letter(row: Gateway) -> tuple[str, str]:
    told = {
        "name": _line(row.name), "replacement": _line(row.replacement.name) if row.replacement else "–",
        "address": (row.replacement and row.replacement.address) or "–", "until": f"{row.deadline:%Y-%m-%d %H:%M}",
        "url": settings.PUBLIC_URL.rstrip("/"),
    }  # fmt: skip
    body = _(
        "The gateway %(name)s leaves the network. No new edge comes to it; edges that use it go to %(replacement)s "
        "(%(address)s) by %(until)s UTC.\n\n"
        "What you can do before that: change non-SD-WAN destinations and allow-lists that name the old gateway's "
        "address. Moving an edge interrupts its sessions for a moment.\n\n%(url)s"
    )
    return _("A gateway is replaced"), body % told


def _line(text: str) -> str:
    return " ".join(text.split())
