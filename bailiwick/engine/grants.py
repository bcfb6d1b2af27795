"""What a partner may give to its customers: granting and withdrawing pools and profiles, and which is the default."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bailiwick.engine.forms.form import InvalidParams
from bailiwick.models import Customer, PartnerLicence, PartnerPool, PartnerProfile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import Model, QuerySet


class Kind(NamedTuple):
    """One of them: its table, the column that names what is granted, the fields of the form; some have no default."""

    table: type[Model]
    column: str
    many: str
    default: str
    used: tuple[str, ...]  # where customers have it

    def of(self, partner_id: int) -> QuerySet[Any]:
        """The grants of one partner."""
        return self.table._default_manager.filter(partner_id=partner_id)


POOLS = Kind(PartnerPool, "gateway_pool", "gateway_pools", "default_pool", ("gateway_pool",))
PROFILES = Kind(
    PartnerProfile,
    "operator_profile",
    "operator_profiles",
    "default_profile",
    ("operator_profile", "profiles__operator_profile"),
)
LICENCES = Kind(PartnerLicence, "licence_type", "licences", "", ("licences__licence_type",))
KINDS = (POOLS, PROFILES, LICENCES)
FIELDS = frozenset(name for kind in KINDS for name in (kind.many, kind.default) if name)


def fields_of(partner_id: int) -> dict[str, Any]:
    """The ids that stand in the form's fields."""
    found: dict[str, Any] = {}
    for kind in KINDS:
        rows = kind.of(partner_id).order_by("pk")
        found[kind.many] = list(rows.values_list(f"{kind.column}_id", flat=True))
        if kind.default:
            found[kind.default] = rows.filter(is_default=True).values_list(f"{kind.column}_id", flat=True).first()
    return found


def change(partner_id: int, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Grants and withdraws as given; returns what differs, before and after, by name. Raises InvalidParams."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for kind in KINDS:
        if {kind.many, kind.default} & given.keys():
            old, new = _change(kind, partner_id, given)
            before |= {name: value for name, value in old.items() if value != new[name]}
            after |= {name: value for name, value in new.items() if value != old[name]}
    return before, after


def _change(kind: Kind, partner_id: int, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    rows = list(kind.of(partner_id).select_related(kind.column))
    old = {getattr(row, f"{kind.column}_id"): getattr(row, kind.column) for row in rows}
    old_default = next((getattr(row, kind.column) for row in rows if kind.default and row.is_default), None)
    new = {row.pk: row for row in given[kind.many]} if kind.many in given else old
    default = given.get(kind.default, old_default)
    if default and default.pk not in new:
        raise InvalidParams.one(kind.default, "default_not_granted", _("The default must be one of those granted."))
    _refuse_used(kind, partner_id, [pk for pk in old if pk not in new])
    kind.of(partner_id).exclude(**{f"{kind.column}_id__in": new}).delete()
    fresh = [kind.table(partner_id=partner_id, **{f"{kind.column}_id": pk}) for pk in new if pk not in old]
    kind.table._default_manager.bulk_create(fresh)
    if kind.default:
        kind.of(partner_id).filter(is_default=True).update(is_default=False)
    if default:
        kind.of(partner_id).filter(**{f"{kind.column}_id": default.pk}).update(is_default=True)
    return _named(kind, old, old_default), _named(kind, new, default)


def _refuse_used(kind: Kind, partner_id: int, withdrawn: list[int]) -> None:
    """A partner's customer never has what its partner may not give."""
    is_used = reduce(or_, (Q(**{f"{path}__in": withdrawn}) for path in kind.used))
    theirs = Customer.objects.filter(partner_id=partner_id)
    if withdrawn and (count := theirs.filter(is_used).distinct().count()):
        message = ngettext(
            "%(count)s customer of this partner uses what you take away.",
            "%(count)s customers of this partner use what you take away.",
            count,
        ) % {"count": f"{count:,}"}
        raise InvalidParams.one(kind.many, "in_use", message, status=409)


def _named(kind: Kind, rows: Mapping[int, Any], default: Any) -> dict[str, Any]:
    named = {kind.default: str(default) if default else ""} if kind.default else {}
    return {kind.many: sorted(str(row) for row in rows.values()), **named}
