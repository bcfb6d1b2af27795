"""Update Customer Alerts: the customer-wide switch of the stream to the customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bailiwick.access.permissions import Permission
from bailiwick.engine.action import Change
from bailiwick.engine.forms.form import ActionForm
from bailiwick.engine.reasons import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from bailiwick.access.actor import Actor


class UpdateCustomerAlerts(Change):
    """Switches alerts to the selected customers on or off. The flags of single edges and links stay as they are."""

    label = gettext_lazy("Update Customer Alerts")
    permission = Permission.CUSTOMER_ALERTS
    event = "CUSTOMER_ALERTS_UPDATED"
    group = "alerts"
    undoable = True
    is_constant = True

    class Params(ActionForm):
        """Which way."""

        enabled = forms.TypedChoiceField(
            label=gettext_lazy("Customer alerts"),
            choices=[("true", gettext_lazy("Activate")), ("false", gettext_lazy("Deactivate"))],
            coerce=lambda value: str(value).lower() in {"true", "1"},
            widget=forms.RadioSelect,
            initial="false",
            help_text=gettext_lazy("Alerts that are open stay open; no further message is sent while this is off."),
        )

    def refusals(self, params: Mapping[str, Any], actor: Actor) -> Sequence[Refusal]:  # noqa: ARG002
        """Those that are so already."""
        already = _("Customer alerts are on already.") if params["enabled"] else _("Customer alerts are off already.")
        return (Refusal(Q(alerts_enabled=params["enabled"]), already, "already_so", harmless=True),)

    def values(self, params: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:  # noqa: ARG002
        """The customer-wide flag, nothing else."""
        return {"alerts_enabled": params["enabled"]}

    def sentence(self, params: Mapping[str, Any]) -> str:
        """The title of the job."""
        return _("Activate customer alerts") if params["enabled"] else _("Deactivate customer alerts")

    def button(self, count: int, params: Mapping[str, Any]) -> str:
        """What the button says."""
        on = ngettext("Activate alerts of %(count)s customer", "Activate alerts of %(count)s customers", count)
        off = ngettext("Deactivate alerts of %(count)s customer", "Deactivate alerts of %(count)s customers", count)
        return (on if params["enabled"] else off) % {"count": f"{count:,}"}
