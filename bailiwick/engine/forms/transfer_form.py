"""What Transfer to Partner asks: to whom, what each side may do, what happens where the partner lacks something."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bailiwick.access.scope import gateway_pools_for, partners_for, pools_of
from bailiwick.engine.forms.form import DefaultsForm
from bailiwick.engine.forms.row_field import RowField


class TransferForm(DefaultsForm):
    """To whom, what each side may do, and what happens where the partner lacks something."""

    partner = RowField(label=gettext_lazy("Partner"), queryset=None, empty_label=gettext_lazy("Choose a partner"))
    partner_access = forms.BooleanField(
        label=gettext_lazy("Delegate to partner"),
        required=False,
        initial=True,
        help_text=gettext_lazy("Its users may open these customers. Without it they see the name only."),
    )
    operator_access = forms.ChoiceField(
        label=gettext_lazy("Delegate to operator"),
        choices=[
            ("keep", gettext_lazy("As it is now")),
            ("true", gettext_lazy("Operators may open these customers")),
            ("false", gettext_lazy("Operators may not open these customers")),
        ],
        initial="keep",
        required=False,
    )
    missing_pool = forms.ChoiceField(
        label=gettext_lazy("If the partner lacks a customer's gateway pool"),
        choices=[
            ("refuse", gettext_lazy("Leave this customer where it is")),
            ("share", gettext_lazy("Share the pool with the partner")),
            ("move", gettext_lazy("Move the customer to a pool of the partner")),
        ],
        widget=forms.RadioSelect,
        initial="refuse",
        required=False,
    )
    gateway_pool = RowField(
        label=gettext_lazy("Pool to move to"),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("Choose a pool"),
        help_text=gettext_lazy("Only where customers move: their edges connect anew, sessions are interrupted."),
    )
    add_profiles = forms.BooleanField(
        label=gettext_lazy("Assign the customers' operator profiles to the partner where it lacks them"),
        required=False,
        help_text=gettext_lazy("Without it a customer whose profile the partner lacks stays where it is."),
    )
    from_partner = forms.BooleanField(
        label=gettext_lazy("Also move customers of another partner"),
        required=False,
        help_text=gettext_lazy("They are released and transferred in one step."),
    )

    def prepare(self) -> None:
        """The operator's partners and pools."""
        self.fields["partner"].queryset = partners_for(self.actor).order_by("name_key")  # type: ignore[attr-defined]
        self.fields["gateway_pool"].queryset = gateway_pools_for(self.actor).order_by("name_key")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A move needs a pool, and it must be one of the partner's."""
        cleaned: dict[str, Any] = self.cleaned_data
        partner, pool = cleaned.get("partner"), cleaned.get("gateway_pool")
        if cleaned.get("missing_pool") != "move" or partner is None:
            return cleaned
        if pool is None:
            self.add_error("gateway_pool", ValidationError(_("Choose a pool of the partner."), code="required"))
        elif not pools_of(partner.pk).filter(pk=pool.pk).exists():
            message = _("This pool is not one of the partner's.")
            self.add_error("gateway_pool", ValidationError(message, code="pool_not_of_partner"))
        return cleaned
