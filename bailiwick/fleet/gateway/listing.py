"""The gateways that an actor looks for: by name, city or address, and by the state that a list shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from bailiwick.access.gateways import gateways_for
from bailiwick.models import Gateway, GatewayCondition, GatewayState
from bailiwick.models.text import name_key

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor

LONGEST = 255
OUT = (GatewayState.QUIESCED, GatewayState.OUT_OF_SERVICE)
STATES = (*GatewayCondition.values, *(each.value for each in OUT))


def found(actor: Actor, *, search: str = "", state: str = "") -> QuerySet[Gateway]:
    """In the order of names; of a state that there is not, none."""
    rows = gateways_for(actor).select_related("partner", "replacement").prefetch_related("pools").order_by("name_key")
    text = search.replace("\0", "").strip()[:LONGEST]
    if text:
        rows = rows.filter(
            Q(name_key__contains=name_key(text)) | Q(city__icontains=text) | Q(dns_name__icontains=text)
            | Q(address__startswith=text)
        )  # fmt: skip
    if state in OUT:
        return rows.filter(state=state)
    return rows.filter(condition=state).exclude(state__in=OUT) if state else rows
