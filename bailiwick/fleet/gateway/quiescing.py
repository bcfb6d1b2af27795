"""A gateway is quiesced: it takes no new edges, and those that it has stay until a deadline (domain 12.4)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from bailiwick.access.permissions import Permission
from bailiwick.fleet.gateway.rows import locked_gateway, record
from bailiwick.models import ActivationState, Gateway, GatewayRole, GatewayState

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor

LONGEST = timedelta(days=60)
WRITTEN = ("state", "quiesced_at", "replacement", "deadline", "letters_after", "version")
# In the order of ids, and one event each; edges hear of it by the trigger on the state (migration 0070).
DRAIN = """
WITH due AS (
  SELECT id FROM bailiwick_gateway WHERE state = 'QUIESCED' AND deadline <= %(now)s ORDER BY id FOR UPDATE
), drained AS (
  UPDATE bailiwick_gateway g SET state = 'OUT_OF_SERVICE', version = g.version + 1
  FROM due WHERE g.id = due.id RETURNING g.id, g.name, g.partner_id, g.replacement_id
)
INSERT INTO bailiwick_event (at, name, category, severity, actor_name, door, address, partner_id, subject, before,
  after)
SELECT %(now)s, 'GATEWAY_DRAINED', 'GATEWAY', 'NOTICE', 'Bailiwick', 'worker', '', d.partner_id, d.name,
  jsonb_build_object('state', 'QUIESCED'), jsonb_build_object('state', 'OUT_OF_SERVICE', 'replacement', r.name)
FROM drained d LEFT JOIN bailiwick_gateway r ON r.id = d.replacement_id ORDER BY d.id
"""


def replacements(row: Gateway) -> QuerySet[Gateway]:
    """Which can take its place: in service, not waiting for a device, of its owner, with its roles, in its pools."""
    pools = list(row.pools.values_list("pk", flat=True))
    held = Count("pools", filter=Q(pools__in=pools), distinct=True)
    rows = Gateway.objects.filter(partner=row.partner, state=GatewayState.IN_SERVICE, roles__contains=row.roles)
    rows = rows.exclude(pk=row.pk).exclude(activation_state=ActivationState.PENDING)
    return rows.annotate(held=held).filter(held=len(pools)).order_by("name_key")


def quiesce(actor: Actor, gateway_id: int, *, replacement: Gateway, deadline: datetime, now: datetime) -> Gateway:
    """From now on no new edge comes to it. Raises Gateway.DoesNotExist, NotAllowed, ValidationError."""
    actor.require(Permission.GATEWAY_QUIESCE)
    with transaction.atomic():
        # Both, in the order of ids: what is to replace it is neither deleted nor quiesced meanwhile.
        list(Gateway.objects.filter(pk__in=(gateway_id, replacement.pk)).order_by("pk").select_for_update())
        row = locked_gateway(actor, gateway_id)
        _check(row, replacement, deadline, now)
        before = {"state": row.state}
        row.state, row.quiesced_at, row.version = GatewayState.QUIESCED, now, row.version + 1
        row.replacement, row.deadline, row.letters_after = replacement, deadline, 0
        row.save(update_fields=WRITTEN)
        after = {"state": row.state, "replacement": replacement.name, "deadline": deadline.isoformat()}
        record(actor, "QUIESCE_GATEWAY", row, now, before=before, after=after)
    return row


def resume(actor: Actor, gateway_id: int, *, now: datetime) -> Gateway:
    """In service again. Raises as `quiesce` does, with `not_quiesced`."""
    actor.require(Permission.GATEWAY_QUIESCE)
    with transaction.atomic():
        row = locked_gateway(actor, gateway_id)
        if row.state != GatewayState.QUIESCED:
            raise ValidationError(_("This gateway is not quiesced."), code="not_quiesced")
        row.state, row.version = GatewayState.IN_SERVICE, row.version + 1
        row.quiesced_at = row.replacement = row.deadline = row.letters_after = None
        row.save(update_fields=WRITTEN)
        record(actor, "ENABLE_GATEWAY", row, now, before={"state": "QUIESCED"}, after={"state": "IN_SERVICE"})
    return row


def drain(now: datetime) -> int:
    """Takes out of service what is quiesced past its deadline; returns how many."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(DRAIN, {"now": now})
        return int(cursor.rowcount)


def _check(row: Gateway, replacement: Gateway, deadline: datetime, now: datetime) -> None:
    if row.state != GatewayState.IN_SERVICE:
        raise ValidationError(_("Only a gateway in service can be quiesced."), code="not_in_service")
    if GatewayRole.ON_PREMISE in row.roles:
        raise ValidationError(_("Partner gateways cannot be replaced this way."), code="partner_gateway")
    errors: dict[str, Any] = {}
    if not replacements(row).filter(pk=replacement.pk).exists():
        message = _("It cannot replace this gateway: it has to be in service, with all roles, in all pools.")
        errors["replacement"] = ValidationError(message, code="not_eligible")
    if not now < deadline <= now + LONGEST:
        errors["deadline"] = ValidationError(_("The deadline is within 60 days from now."), code="deadline")
    if errors:
        raise ValidationError(errors)
