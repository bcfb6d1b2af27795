"""Update Pre-Notifications: the customer-wide switch of the stream to the operators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bailiwick.access.permissions import Permission
from bailiwick.access.properties import property_value
from bailiwick.engine.action import Change
from bailiwick.engine.forms.form import ActionForm
from bailiwick.engine.reasons import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from bailiwick.access.actor import Actor


class UpdatePreNotifications(Change):
    """Switches the alerts that operators get at once about the selected customers on or off."""

    label = gettext_lazy("Update Pre-Notifications")
    permission = Permission.OPERATOR_ALERTS
    event = "OPERATOR_ALERTS_UPDATED"
    group = "alerts"
    undoable = True
    is_constant = True

    class Params(ActionForm):
        """Which way."""

        enabled = forms.TypedChoiceField(
            label=gettext_lazy("Pre-notifications"),
            choices=[("true", gettext_lazy("Activate")), ("false", gettext_lazy("Deactivate"))],
            coerce=lambda value: str(value).lower() in {"true", "1"},
            widget=forms.RadioSelect,
            initial="false",
            help_text=gettext_lazy("Alerts that are open stay open; no further message is sent while this is off."),
        )

    def refusals(self, params: Mapping[str, Any], actor: Actor) -> Sequence[Refusal]:  # noqa: ARG002
        """Those that are so already."""
        already = (
            _("Pre-notifications are on already.") if params["enabled"] else _("Pre-notifications are off already.")
        )
        return (Refusal(Q(operator_alerts_enabled=params["enabled"]), already, "already_so", harmless=True),)

    def values(self, params: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:  # noqa: ARG002
        """The customer-wide flag; the stream to the customer is unaffected."""
        return {"operator_alerts_enabled": params["enabled"]}

    def consequences(self, params: Mapping[str, Any]) -> Sequence[str]:
        """Whether anybody would be told (PRE-06)."""
        if not params["enabled"] or property_value("vco.alert.mail.to"):
            return ()
        return (_("Nothing is sent for now: the system property vco.alert.mail.to is empty. Enter an address there."),)

    def sentence(self, params: Mapping[str, Any]) -> str:
        """The title of the job."""
        return _("Activate pre-notifications") if params["enabled"] else _("Deactivate pre-notifications")

    def button(self, count: int, params: Mapping[str, Any]) -> str:
        """What the button says."""
        on = ngettext(
            "Activate pre-notifications of %(count)s customer",
            "Activate pre-notifications of %(count)s customers",
            count,
        )
        off = ngettext(
            "Deactivate pre-notifications of %(count)s customer",
            "Deactivate pre-notifications of %(count)s customers",
            count,
        )
        return (on if params["enabled"] else off) % {"count": f"{count:,}"}
