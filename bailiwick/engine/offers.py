"""Offers of customers to partners: made, accepted, declined, expired; one open offer a customer."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from bailiwick.access.properties import property_value
from bailiwick.access.scope import pools_of
from bailiwick.engine.handover import EVENT
from bailiwick.engine.judge import Rows
from bailiwick.engine.terms import Terms
from bailiwick.models import OfferState, TransferOffer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from django.db.models import QuerySet

    from bailiwick.engine.batch import Batch

LIFE = timedelta(days=7)
KEPT = timedelta(days=90)
COLUMNS = ", ".join(Terms._fields)
MAKE = f"""
INSERT INTO bailiwick_transferoffer (customer_id, partner_id, {COLUMNS}, offered_by, job_id, created_at, deadline,
  state, decided_by)
SELECT id, %(partner)s, {", ".join(f"%({name})s" for name in Terms._fields)}, %(actor_name)s, %(job)s, %(now)s,
  %(deadline)s, 'offered', '' FROM unnest(%(ids)s::bigint[]) AS id
"""
DECIDE = """
UPDATE bailiwick_transferoffer SET state = %(state)s, decided_at = %(now)s, decided_by = %(actor_name)s
WHERE customer_id = ANY(%(ids)s) AND state = 'offered'
"""
TELL = (
    EVENT.format(name="%(name)s", partner="%(partner)s::bigint", before="NULL", after="%(after)s::jsonb")
    + "FROM bailiwick_customer c WHERE c.id = ANY(%(ids)s)"
)
BY_TERMS = f"""
SELECT {COLUMNS}, count(*), array_agg(customer_id ORDER BY customer_id)::text FROM bailiwick_transferoffer
WHERE customer_id = ANY(%(ids)s) AND partner_id = %(partner)s AND state = 'offered' GROUP BY {COLUMNS}
"""
EXPIRE = """
WITH gone AS (
  UPDATE bailiwick_transferoffer SET state = 'expired', decided_at = %(now)s
  WHERE state = 'offered' AND deadline <= %(now)s RETURNING customer_id, partner_id
)
INSERT INTO bailiwick_event (at, name, category, severity, actor_name, door, address, partner_id, customer_id, subject)
SELECT %(now)s, 'ENTERPRISE_TRANSFER_EXPIRED', 'ENTERPRISE', 'INFO', 'Bailiwick', 'worker', '', g.partner_id, c.id,
  c.name
FROM gone g JOIN bailiwick_customer c ON c.id = g.customer_id
"""


def are_needed() -> bool:
    """Whether a partner is asked before it gets a customer."""
    return bool(property_value("session.options.partnerAcceptsTransfers"))


def is_open(**of: Any) -> Q:
    """Customers with an open offer of these columns."""
    return Q(Exists(open_offers().filter(**of, customer_id=OuterRef("pk"))))


def open_offers() -> QuerySet[TransferOffer]:
    """Those that nobody decided yet, whatever their deadline: a customer has one at most."""
    return TransferOffer.objects.filter(state=OfferState.OFFERED)


def terms_of(offer: TransferOffer) -> Terms:
    """What the operator said when it offered the customer."""
    return Terms(*(getattr(offer, name) for name in Terms._fields))


def outcome_of(offer: TransferOffer) -> dict[str, Any]:
    """The columns that the customer gets when the offer is accepted; a pool moves where the partner lacks its own."""
    moves = offer.gateway_pool_id and offer.missing_pool == "move"
    lacks = moves and not pools_of(offer.partner_id).filter(pk=offer.customer.gateway_pool_id).exists()
    moved = {"gateway_pool_id": offer.gateway_pool_id} if lacks else {}
    return {"partner_id": offer.partner_id, **terms_of(offer).delegations, **moved}


def make(batch: Batch, partner_id: int, terms: Terms) -> None:
    """Offers the rows of the chunk; nothing of them changes."""
    deadline = batch.now + LIFE
    _execute(batch, MAKE, {"partner": partner_id, "deadline": deadline, **terms._asdict()})
    _tell(batch, "OFFERED", partner_id, {"partner_id": partner_id, "deadline_at": deadline.isoformat()})


def by_terms(batch: Batch, partner_id: int) -> Iterator[tuple[Terms, Rows]]:
    """The rows of the chunk, those with the same terms together."""
    with connection.cursor() as cursor:
        cursor.execute(BY_TERMS, {"ids": batch.rows.array, "partner": partner_id})
        found = cursor.fetchall()
    for *terms, count, array in found:
        yield Terms(*terms), Rows(count, array)


def accept(batch: Batch, partner_id: int) -> None:
    """Closes the offers of the rows as accepted."""
    _execute(batch, DECIDE, {"state": OfferState.ACCEPTED.value})
    _tell(batch, "ACCEPTED", partner_id, None)


def decline(batch: Batch, partner_id: int) -> None:
    """Closes the offers of the rows as declined."""
    _execute(batch, DECIDE, {"state": OfferState.DECLINED.value})
    _tell(batch, "DECLINED", partner_id, None)


def expire(now: datetime) -> int:
    """Closes offers past their deadline, and forgets those that were decided long ago."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(EXPIRE, {"now": now})
        closed: int = cursor.rowcount
        return closed + TransferOffer.objects.filter(decided_at__lt=now - KEPT).delete()[0]


def _tell(batch: Batch, what: str, partner_id: int, after: dict[str, Any] | None) -> None:
    told = {"name": f"ENTERPRISE_TRANSFER_{what}", "partner": partner_id, "after": json.dumps(after) if after else None}
    _execute(batch, TELL, told)


def _execute(batch: Batch, statement: str, more: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, {**batch.event_parameters(), "ids": batch.rows.array, **more})
