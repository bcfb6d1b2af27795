"""The gateway or pool that somebody changes: held for the change, saved under a free name, and told of in a log."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bailiwick import audit
from bailiwick.access.gateways import gateways_for, require_change
from bailiwick.access.scope import gateway_pools_for
from bailiwick.models import Gateway, GatewayPool
from bailiwick.models.text import name_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from bailiwick.access.actor import Actor

Named = TypeVar("Named", Gateway, GatewayPool)


def locked_gateway(actor: Actor, gateway_id: int) -> Gateway:
    """For a change. Raises Gateway.DoesNotExist, NotAllowed."""
    row = gateways_for(actor).select_for_update(of=("self",)).get(pk=gateway_id)
    require_change(actor, row)
    return row


def locked_pool(actor: Actor, pool_id: int) -> GatewayPool:
    """For a change. Raises GatewayPool.DoesNotExist, NotAllowed."""
    row = gateway_pools_for(actor).select_for_update(of=("self",)).get(pk=pool_id)
    require_change(actor, row)
    return row


def save(row: Named) -> None:
    """Raises ValidationError where the name is another's, whoever owns that."""
    row.name_key = name_key(row.name)
    with _named_once():
        row.save()


def record(
    actor: Actor,
    name: str,
    row: Gateway | GatewayPool,
    now: datetime,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    severity: str = "INFO",
) -> None:
    """In the log of the owner."""
    audit.record(
        actor, name, subject=row.name, partner_id=row.partner_id, before=before, after=after, category="GATEWAY",
        severity=severity, at=now,
    )  # fmt: skip


def told(value: Any) -> Any:
    """A value as an event keeps it."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return [str(each) for each in value] if isinstance(value, list | tuple) else str(value)


@contextmanager
def _named_once() -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "name_key" not in str(error):
            raise
        message = _("Another one has this name.")
        raise ValidationError({"name": ValidationError(message, code="name_taken")}) from None
