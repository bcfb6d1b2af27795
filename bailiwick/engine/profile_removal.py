"""Taking an operator profile off all customers that may choose it, and all partners that may give it (domain 10.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from bailiwick import audit
from bailiwick.access.permissions import Permission
from bailiwick.access.scope import customers_for, operator_profiles_for
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.selection import freeze_rows
from bailiwick.engine.submit import submit
from bailiwick.models import Customer, Partner, PartnerProfile

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor
    from bailiwick.engine.action import Change
    from bailiwick.models import Job, OperatorProfile


class Removal(NamedTuple):
    """The job that takes it from customers, how many partners lost it, and how many keep it for their customers."""

    job: Job | None
    partners: int
    kept: int


def held_by(actor: Actor, profile_id: int) -> tuple[int, int]:
    """How many customers may choose it, and how many partners may give it: their sum is typed."""
    grants = PartnerProfile.objects.filter(operator_profile_id=profile_id)
    return _holders(actor, profile_id).count(), grants.count()


def remove(actor: Actor, unassign: Change, profile_id: int, *, confirm: int | None, now: datetime) -> Removal:
    """Takes it off by a job; a default, and what an edge uses, stays, and so do the partners of those customers.

    Raises OperatorProfile.DoesNotExist, NotAllowed, InvalidParams.
    """
    actor.require(Permission.OPERATOR_PROFILE_MANAGE)
    actor.require(unassign.permission)
    row = operator_profiles_for(actor).get(pk=profile_id)
    number = sum(held_by(actor, row.pk))
    if confirm != number:
        message = _("Type the number of customers and partners that have it: %(count)d.") % {"count": number}
        raise InvalidParams.one("confirm", "wrong_number", message)
    job = _unassigned(actor, unassign, row, now)
    return Removal(job, _ungranted(actor, row, now), PartnerProfile.objects.filter(operator_profile=row).count())


def _holders(actor: Actor, profile_id: int) -> QuerySet[Customer]:
    return customers_for(actor).filter(profiles__operator_profile_id=profile_id)


def _unassigned(actor: Actor, unassign: Change, row: OperatorProfile, now: datetime) -> Job | None:
    selection = freeze_rows(actor, _holders(actor, row.pk), now=now)
    if not selection.count:
        return None
    select = {"ticket": str(selection.logical_id)}
    return submit(actor, unassign, select=select, raw={"operator_profile": row.pk}, now=now)


def _ungranted(actor: Actor, row: OperatorProfile, now: datetime) -> int:
    """Partners none of whose customers has it, in the bin either, lose it; one event each."""
    has = Q(operator_profile=row) | Q(profiles__operator_profile=row)
    used = Exists(Customer.objects.filter(has, partner_id=OuterRef("partner_id")))
    with transaction.atomic():
        holders = Partner.objects.filter(profile_grants__operator_profile=row).order_by("pk").values("pk")
        list(holders.select_for_update(of=("self",)))
        grants = PartnerProfile.objects.filter(~used, operator_profile=row).select_for_update(of=("self",))
        going = list(grants.select_related("partner"))
        for grant in going:
            audit.record(
                actor, "OPERATOR_PROFILE_UNASSIGNED", subject=grant.partner.name, partner_id=grant.partner_id, at=now,
                before={"assigned_profile_id": row.pk}, after={"assigned_profile_id": None},
            )  # fmt: skip
        PartnerProfile.objects.filter(pk__in=[grant.pk for grant in going]).delete()
    return len(going)
