"""What an edge is configured with: a profile of its customer, and what it says otherwise itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from bailiwick.access.configuration import configuration_for
from bailiwick.access.permissions import Permission
from bailiwick.access.scope import edges_for
from bailiwick.engine.configuration import rows
from bailiwick.engine.configuration.check import checked
from bailiwick.engine.configuration.effective import require_whole
from bailiwick.engine.configuration.keep import CHANGED, CREATED, next_id
from bailiwick.engine.configuration.kinds import EDGE_SETTINGS, KINDS
from bailiwick.engine.configuration.reach import touch
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.models import ConfigurationObject

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor
    from bailiwick.engine.configuration.check import Named
    from bailiwick.models import Customer, Edge


def settings_of(actor: Actor, edge: Edge) -> ConfigurationObject | None:
    """What was chosen for it, if anything was."""
    return configuration_for(actor).filter(customer_id=edge.customer_id, edge_id=edge.pk).first()


def forget_overrides(actor: Actor, edge: Edge, *, now: datetime) -> None:
    """Another model of device has taken the edge's place: what the edge said itself does not fit it (domain 14.5)."""
    row = _held(ConfigurationObject.objects.all(), edge)
    if row is None or not row.body:
        return
    old = row.body
    written = _changed(actor, row, row.parent_id, {}, now)
    rows.refer(written, ())
    touch(written)
    rows.tell(actor, edge.customer, written, CHANGED, old, {}, now)


@transaction.atomic
def configure(
    actor: Actor,
    edge_id: int,
    *,
    profile_id: int | None,
    overrides: Mapping[str, Any],
    version: int | None,
    now: datetime,
) -> ConfigurationObject:
    """Chooses both. Raises NotAllowed, Edge.DoesNotExist, InvalidParams; 409 where somebody chose since `version`."""
    actor.require(Permission.CONFIGURATION_UPDATE)
    edge = edges_for(actor).get(pk=edge_id)
    customer = rows.locked(actor, edge.customer_id)
    row = _held(configuration_for(actor), edge)
    if version is not None and version != (row.version if row else 0):
        raise rows.conflict("version", "stale", _("Somebody changed this meanwhile."))
    names = _profiles(actor, customer, {profile_id, row.parent_id if row else None})
    if profile_id is not None and profile_id not in names:
        raise InvalidParams.one("profile", "no_profile", _("There is no such profile in this customer."))
    named = checked(customer, KINDS[EDGE_SETTINGS], overrides)
    require_whole(customer.pk, profile_id, overrides)
    old = {"profile": names.get(row.parent_id), **row.body} if row else None
    written = _changed(actor, row, profile_id, overrides, now) if row else _new(edge, profile_id, overrides, now)
    _follow(written, named)
    new = {"profile": names.get(profile_id), **overrides}
    rows.tell(actor, customer, written, CHANGED if row else CREATED, old, new, now)
    return written


def _held(some: QuerySet[ConfigurationObject], edge: Edge) -> ConfigurationObject | None:
    """The edge's settings, which nobody else changes meanwhile."""
    mine = some.filter(customer_id=edge.customer_id, edge_id=edge.pk)
    return mine.select_for_update(of=("self",), no_key=True).first()


def _profiles(actor: Actor, customer: Customer, ids: set[int | None]) -> dict[int | None, str]:
    mine = configuration_for(actor).filter(customer_id=customer.pk, kind="profile")
    return dict(mine.filter(local_id__in=[each for each in ids if each]).values_list("local_id", "name"))


def _new(edge: Edge, profile_id: int | None, overrides: Mapping[str, Any], now: datetime) -> ConfigurationObject:
    made = ConfigurationObject(
        customer=edge.customer,
        partner_id=edge.partner_id,
        edge=edge,
        local_id=next_id(edge.customer),
        kind=EDGE_SETTINGS,
        parent_id=profile_id,
        name=edge.name,
        name_key=edge.name_key,
        body=dict(overrides),
        updated_at=now,
    )
    rows.insert(made)
    return made


def _changed(
    actor: Actor, row: ConfigurationObject, profile_id: int | None, overrides: Mapping[str, Any], now: datetime
) -> ConfigurationObject:
    rows.remember(row, actor, now)
    row.version, row.updated_at, row.parent_id, row.body = row.version + 1, now, profile_id, dict(overrides)
    rows.save(row)
    return row


def _follow(row: ConfigurationObject, named: Named) -> None:
    rows.refer(row, named.ids)
    touch(row)
