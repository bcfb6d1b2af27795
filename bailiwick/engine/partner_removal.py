"""Deleting partners: each is judged on its own, those that are still needed stay with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bailiwick import audit
from bailiwick.access.permissions import Permission
from bailiwick.access.scope import partners_for
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.models import Customer, Gateway, GatewayPool, Job, JobState, Partner

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from bailiwick.access.actor import Actor

MOST = 500


class Verdict(NamedTuple):
    """What becomes of one partner; without a reason it goes."""

    partner: Partner
    code: str = ""
    reason: str = ""


def judge(actor: Actor, ids: Sequence[int]) -> list[Verdict]:
    """What `delete` would do now, in the order of names. Raises NotAllowed, InvalidParams."""
    actor.require(Permission.PARTNER_DELETE)
    _require_some(ids)
    return list(_judged(list(partners_for(actor).filter(pk__in=ids).order_by("name_key"))))


def delete(actor: Actor, ids: Sequence[int], *, confirm: int | None, now: datetime) -> list[Verdict]:
    """Deletes those that nothing holds, their users with them; the events stay. `confirm`: how many were ticked."""
    actor.require(Permission.PARTNER_DELETE)
    _require_some(ids)
    with transaction.atomic():
        rows = list(partners_for(actor).filter(pk__in=ids).order_by("pk").select_for_update())
        if confirm != len(rows):
            message = _("Type the number of selected partners: %(count)d.") % {"count": len(rows)}
            raise InvalidParams.one("confirm", "wrong_number", message)
        verdicts = list(_judged(rows))
        gone = [verdict.partner for verdict in verdicts if not verdict.code]
        for partner in gone:
            before = {"logical_id": str(partner.logical_id), "domain": partner.domain}
            audit.record(
                actor, "DELETE_ENTERPRISE_PROXY", subject=partner.name, partner_id=partner.pk, before=before,
                category="ENTERPRISE", at=now,
            )  # fmt: skip
        Partner.objects.filter(pk__in=[partner.pk for partner in gone]).delete()
    return sorted(verdicts, key=lambda verdict: verdict.partner.name_key)


def _require_some(ids: Sequence[int]) -> None:
    if not ids:
        raise InvalidParams.one("select", "select_empty", _("Select at least one partner."))
    if len(ids) > MOST:
        raise InvalidParams.one("select", "too_many", _("Select at most 500 partners."))


def _judged(rows: Sequence[Partner]) -> Iterator[Verdict]:
    """Five grouped questions for any number of partners."""
    ids = [row.pk for row in rows]
    in_bin = Q(deleted_at__isnull=False)
    living = _counts(Customer.objects.filter(partner_id__in=ids).exclude(in_bin))
    binned = _counts(Customer.objects.filter(in_bin, partner_id__in=ids))
    pools = _counts(GatewayPool.objects.filter(partner_id__in=ids))
    gateways = _counts(Gateway.objects.filter(partner_id__in=ids))
    jobs = _counts(Job.objects.filter(partner_id__in=ids, state__in=(JobState.QUEUED, JobState.RUNNING)))
    for row in rows:
        yield Verdict(row, *_reason(*(counted.get(row.pk, 0) for counted in (living, binned, pools, gateways, jobs))))


def _counts(rows: Any) -> dict[int, int]:
    return dict(rows.order_by().values_list("partner_id").annotate(n=Count("pk")))


def _reason(living: int, binned: int, pools: int, gateways: int, jobs: int) -> tuple[str, str]:
    """The first that holds."""
    if living:
        has = ngettext("Has %(n)s customer: release it first.", "Has %(n)s customers: release them first.", living)
        return "has_customers", has % {"n": f"{living:,}"}
    if binned:
        has = ngettext(
            "%(n)s deleted customer of it is in the bin.", "%(n)s deleted customers of it are in the bin.", binned
        )
        return "has_deleted_customers", has % {"n": f"{binned:,}"}
    if pools:
        owns = ngettext("Owns %(n)s gateway pool.", "Owns %(n)s gateway pools.", pools)
        return "owns_pools", owns % {"n": f"{pools:,}"}
    if gateways:
        owns = ngettext("Owns %(n)s gateway.", "Owns %(n)s gateways.", gateways)
        return "owns_gateways", owns % {"n": f"{gateways:,}"}
    if jobs:
        runs = ngettext("%(n)s job of its users is running.", "%(n)s jobs of its users are running.", jobs)
        return "has_jobs", runs % {"n": f"{jobs:,}"}
    return "", ""
