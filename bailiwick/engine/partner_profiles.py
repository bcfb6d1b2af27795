"""Adding operator profiles to partners: each is judged on its own; what it may give already stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bailiwick import audit
from bailiwick.access.permissions import Permission
from bailiwick.access.scope import operator_profiles_for, partners_for
from bailiwick.engine.forms.form import ActionForm, clean
from bailiwick.engine.forms.row_field import RowsField
from bailiwick.engine.partner_removal import Verdict
from bailiwick.models import Partner, PartnerProfile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from bailiwick.access.actor import Actor


class AddProfilesForm(ActionForm):
    """Which profiles."""

    operator_profiles: forms.Field = RowsField(
        label=gettext_lazy("Operator profiles"),
        queryset=None,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("The partners may give them to their customers. No default and no customer changes."),
    )

    def prepare(self) -> None:
        """The operator's."""
        self.fields["operator_profiles"].queryset = operator_profiles_for(self.actor).order_by("name_key")  # type: ignore[attr-defined]


def add(actor: Actor, ids: Sequence[int], raw: Mapping[str, Any], *, now: datetime) -> list[Verdict]:
    """Grants the profiles, one event a partner. Raises NotAllowed, InvalidParams."""
    actor.require(Permission.PARTNER_UPDATE)
    profiles = {row.pk: row.name for row in clean(AddProfilesForm, raw, actor)["operator_profiles"]}
    with transaction.atomic():
        rows = list(partners_for(actor).filter(pk__in=ids).order_by("pk").select_for_update())
        has: dict[int, dict[int, str]] = {row.pk: {} for row in rows}
        for grant in PartnerProfile.objects.filter(partner_id__in=has).select_related("operator_profile"):
            has[grant.partner_id][grant.operator_profile_id] = grant.operator_profile.name
        verdicts = [_judged(actor, row, has_all=profiles.keys() <= has[row.pk].keys()) for row in rows]
        gaining = [verdict.partner for verdict in verdicts if not verdict.code]
        PartnerProfile.objects.bulk_create(
            (
                PartnerProfile(partner=row, operator_profile_id=pk)
                for row in gaining
                for pk in profiles
                if pk not in has[row.pk]
            ),
            ignore_conflicts=True,
        )
        Partner.objects.filter(pk__in=[row.pk for row in gaining]).update(version=F("version") + 1)
        for row in gaining:
            _record(actor, row, has[row.pk], profiles, now)
    return sorted(verdicts, key=lambda verdict: verdict.partner.name_key)


def _judged(actor: Actor, partner: Partner, *, has_all: bool) -> Verdict:
    if actor.is_operator and not partner.operator_access:
        return Verdict(partner, "operator_access_withdrawn", _("Has withdrawn operator access."))
    return Verdict(partner, "already_so", _("Has them already.")) if has_all else Verdict(partner)


def _record(actor: Actor, partner: Partner, before: Mapping[int, str], added: Mapping[int, str], now: datetime) -> None:
    after = {**before, **added}
    audit.record(
        actor, "UPDATE_ENTERPRISE_PROXY", subject=partner.name, partner_id=partner.pk, category="ENTERPRISE", at=now,
        before={"operator_profiles": sorted(before.values())}, after={"operator_profiles": sorted(after.values())},
    )  # fmt: skip
