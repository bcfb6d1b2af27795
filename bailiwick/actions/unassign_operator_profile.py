"""Unassign Operator Profile: one less that customers may choose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bailiwick.access.permissions import Permission
from bailiwick.engine import profiles
from bailiwick.engine.action import Change
from bailiwick.engine.forms.profile_form import UnassignForm
from bailiwick.engine.reasons import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from bailiwick.access.actor import Actor
    from bailiwick.engine.batch import Batch


class UnassignOperatorProfile(Change):
    """Takes an operator profile away from those that the selected customers may choose for their edges."""

    label = gettext_lazy("Unassign Operator Profile")
    partners_label = gettext_lazy("Unassign Software Image")
    permission = Permission.OPERATOR_PROFILE_ASSIGN
    event = "OPERATOR_PROFILE_UNASSIGNED"
    group = "software"
    in_menu = False

    class Params(UnassignForm):
        """Which one."""

    def refusals(self, params: Mapping[str, Any], actor: Actor) -> Sequence[Refusal]:  # noqa: ARG002
        """Neither the default nor one that an edge uses can be taken away (domain 10.3)."""
        return tuple(self._refusals(params["operator_profile"].pk))

    def _refusals(self, profile: int) -> Iterator[Refusal]:
        default = _("It is this customer's default: give it another default first.")
        yield Refusal(Q(operator_profile_id=profile), default, "profile_is_default")
        yield Refusal(~profiles.has_assigned(profile), _("Does not have this profile."), "already_so", harmless=True)
        yield Refusal(
            Q(Exists(profiles.edges_with(profile))),
            _("Edges use this profile: give them another first."),
            "profile_in_use",
            counting=profiles.names_of(profiles.edges_with(profile)),
            counted=_("Edges use this profile: %(n)s. Give them another first."),
        )

    def values(self, params: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:  # noqa: ARG002
        """No column of the customer itself."""
        return {}

    def apply(self, batch: Batch) -> None:
        """Its row goes, with one event."""
        if batch.rows.count:
            profiles.unassign(batch, batch.params["operator_profile"].pk)

    def consequences(self, params: Mapping[str, Any]) -> Sequence[str]:
        """What the customers see."""
        seen = _("Administrators of these customers may choose %(profile)s no more.")
        return (seen % {"profile": params["operator_profile"]},)

    def sentence(self, params: Mapping[str, Any]) -> str:
        """The title of the job."""
        return _("Unassign %(profile)s") % {"profile": params["operator_profile"]}

    def button(self, count: int, params: Mapping[str, Any]) -> str:  # noqa: ARG002
        """What the button says."""
        told = ngettext("Take it from %(count)s customer", "Take it from %(count)s customers", count)
        return told % {"count": f"{count:,}"}
