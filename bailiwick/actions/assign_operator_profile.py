"""Assign Operator Profile: one more that customers with Edge Image Management may choose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bailiwick.access.permissions import Permission
from bailiwick.engine import profiles
from bailiwick.engine.action import Change
from bailiwick.engine.forms.profile_form import AssignForm
from bailiwick.engine.reasons import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from bailiwick.access.actor import Actor
    from bailiwick.engine.batch import Batch


class AssignOperatorProfile(Change):
    """Adds an operator profile to those that the selected customers may choose for their edges. No default changes."""

    label = gettext_lazy("Assign Operator Profile")
    partners_label = gettext_lazy("Assign Software Image")
    permission = Permission.OPERATOR_PROFILE_ASSIGN
    event = "OPERATOR_PROFILE_ASSIGNED"
    relies_on_grants = True
    group = "software"

    class Params(AssignForm):
        """Which one."""

    def refusals(self, params: Mapping[str, Any], actor: Actor) -> Sequence[Refusal]:  # noqa: ARG002
        """Domain 10.4: the customer's switch decides, whoever acts."""
        return tuple(self._refusals(params["operator_profile"], other_kind=params["other_kind"]))

    def _refusals(self, profile: Any, *, other_kind: bool) -> Iterator[Refusal]:
        off = _("Edge Image Management is off: activate it first.")
        yield Refusal(Q(edge_image_management=False), off, "image_management_off")
        default = _("Has this profile already, as its default.")
        yield Refusal(Q(operator_profile_id=profile.pk), default, "already_so", harmless=True)
        yield Refusal(profiles.has_assigned(profile.pk), _("Has this profile already."), "already_so", harmless=True)
        lacking = _("Its partner does not have this profile: give it to the partner first.")
        yield Refusal(profiles.partner_lacks(profile.pk), lacking, "profile_lacking")
        if not other_kind:
            other = _("Its own profile is of the other kind, segment or network based.")
            yield Refusal(~Q(operator_profile__kind=profile.kind), other, "other_kind")

    def values(self, params: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:  # noqa: ARG002
        """No column of the customer itself."""
        return {}

    def apply(self, batch: Batch) -> None:
        """One row for each, and one event."""
        if batch.rows.count:
            profiles.assign(batch, batch.params["operator_profile"].pk)

    def consequences(self, params: Mapping[str, Any]) -> Sequence[str]:
        """What the customers see."""
        seen = _("Administrators of these customers may choose %(profile)s for their edges. No edge changes by itself.")
        return (seen % {"profile": params["operator_profile"]},)

    def sentence(self, params: Mapping[str, Any]) -> str:
        """The title of the job."""
        return _("Assign %(profile)s") % {"profile": params["operator_profile"]}

    def button(self, count: int, params: Mapping[str, Any]) -> str:  # noqa: ARG002
        """What the button says."""
        told = ngettext("Assign it to %(count)s customer", "Assign it to %(count)s customers", count)
        return told % {"count": f"{count:,}"}
