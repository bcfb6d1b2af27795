"""The settings of a customer: only what is given changes, and each field asks for its own permission (domain 5)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from bailiwick.access.permissions import Permission
from bailiwick.access.scope import operator_profiles_for
from bailiwick.engine.forms import fields
from bailiwick.engine.forms.customer_form import CustomerForm
from bailiwick.engine.forms.form import Section
from bailiwick.engine.forms.row_field import RowField
from bailiwick.engine.intake.creation import usable_profiles

GENERAL = ("name", "account_number", "domain", "description", "timezone", "locale")
CONTACT = ("contact_name", "contact_email", "contact_phone", "contact_mobile")
ADDRESS = ("street", "street_2", "city", "state", "postcode", "country", "latitude", "longitude")
SHIPPING = (
    "shipping_same_as_location",
    "shipping_contact_name",
    "shipping_street",
    "shipping_street_2",
    "shipping_city",
    "shipping_state",
    "shipping_postcode",
    "shipping_country",
)
SECURITY = ("two_factor_enabled", "two_factor_required", "self_service_password_reset", "pci_compliance")
DELEGATION = (
    "operator_access",
    "operator_user_management",
    "partner_access",
    "operator_sees_sensitive_data",
    "partner_sees_sensitive_data",
)
SERVICE = (
    "services",
    "operator_profile",
    "edge_authentication",
    "edge_configuration_updates",
    "edge_configuration_updates_on_upgrade",
)
NEVER_EMPTY = frozenset({"name", "account_number", "timezone", "locale", "services", "edge_authentication"})
ASKS_FOR = {
    **dict.fromkeys((*GENERAL, *CONTACT, *ADDRESS, *SHIPPING), Permission.CUSTOMER_UPDATE_CONTACT),
    **dict.fromkeys((*SECURITY, *DELEGATION), Permission.CUSTOMER_UPDATE_DELEGATION),
    **dict.fromkeys(SERVICE, Permission.CUSTOMER_UPDATE),
    "operator_profile": Permission.OPERATOR_PROFILE_ASSIGN,
    "alerts_enabled": Permission.CUSTOMER_ALERTS,
    "operator_alerts_enabled": Permission.OPERATOR_ALERTS,
}


class SettingsForm(CustomerForm):
    """Every setting of a customer; `version` is the one that was shown, so that nobody's change is lost."""

    sections = (
        Section("general", _("General"), GENERAL),
        Section("contact", _("Contact"), CONTACT),
        Section("address", _("Address"), ADDRESS),
        Section("shipping", _("Shipping"), SHIPPING),
        Section("security", _("Sign-in and compliance"), SECURITY),
        Section("privacy", _("Privacy and delegations"), DELEGATION),
        Section("service", _("Services and edges"), SERVICE),
        Section("alerts", _("Alerts"), ("alerts_enabled", "operator_alerts_enabled")),
    )
    operator_profile = RowField(
        label=_("Operator profile"),
        queryset=None,
        required=False,
        empty_label=_("As it is now"),
        help_text=_("The default of its edges. With Edge Image Management the former one may still be chosen."),
    )
    edge_image_management = None  # type: ignore[assignment] # an action of its own: turning it off has rules
    shipping_same_as_location = forms.BooleanField(label=_("Shipping address is the location"), required=False)
    shipping_contact_name = fields.NameField(label=_("Shipping contact"), required=False)
    shipping_street = fields.NameField(label=_("Shipping street"), required=False)
    shipping_street_2 = fields.NameField(label=_("Shipping street, second line"), required=False)
    shipping_city = fields.NameField(label=_("Shipping city"), required=False)
    shipping_state = fields.NameField(label=_("Shipping state or province"), required=False)
    shipping_postcode = fields.PostcodeField(label=_("Shipping postcode"), required=False)
    shipping_country = fields.CountryField(label=_("Shipping country"), required=False)
    two_factor_enabled = forms.BooleanField(
        label=_("Two-factor authentication offered"),
        required=False,
        help_text=_("Users without a second factor are invited to set one up."),
    )
    two_factor_required = forms.BooleanField(label=_("Two-factor authentication required"), required=False)
    self_service_password_reset = forms.BooleanField(label=_("Users may reset their passwords"), required=False)
    pci_compliance = forms.BooleanField(
        label=_("Enforce PCI compliance"), required=False, help_text=_("Refuses packet captures from edges.")
    )
    operator_sees_sensitive_data = forms.BooleanField(label=_("Operator sees keys and secrets"), required=False)
    partner_sees_sensitive_data = forms.BooleanField(label=_("Partner sees keys and secrets"), required=False)
    edge_configuration_updates = forms.BooleanField(label=_("Push configuration to edges"), required=False)
    edge_configuration_updates_on_upgrade = forms.BooleanField(
        label=_("Push configuration when an edge is upgraded"), required=False
    )
    alerts_enabled = forms.BooleanField(label=_("Customer alerts"), required=False)
    operator_alerts_enabled = forms.BooleanField(label=_("Pre-notifications"), required=False)
    version = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    def prepare(self) -> None:
        """Leaves out what the actor may not change; each change asks only for the fields that it gives."""
        self.fields["operator_profile"].queryset = usable_profiles(self.actor)  # type: ignore[attr-defined]
        for name in set(self.fields) - {"version"}:
            if not self._may_change(name):
                del self.fields[name]
            else:
                self.fields[name].required = name in NEVER_EMPTY and (not self.is_bound or name in self.data)

    def _may_change(self, name: str) -> bool:
        if name == "partner_access":  # an operator grants it at creation or transfer; then only the customer
            return self.actor.level == "customer" and self.actor.may(ASKS_FOR[name])
        # Who may vouch for whom hangs on the domain (access/sso): others enter it.
        if name in ("account_number", "domain") and self.actor.level == "customer":
            return False
        if name == "services" and not self.actor.is_operator:  # which services it has is the operator's word (MOD-06)
            return False
        if name == "operator_profile" and self.actor.level == "customer":  # EIM-02 and EIM-05
            return self.actor.may(Permission.CUSTOMER_UPDATE_DELEGATION) and operator_profiles_for(self.actor).exists()
        return self.actor.may(ASKS_FOR[name])

    def clean(self) -> dict[str, Any]:
        """Only what was given."""
        given = {name: value for name, value in self.cleaned_data.items() if name in self.data}
        if not given.get("operator_profile"):  # a default with an old image stands in no list, and stays
            given.pop("operator_profile", None)
        if not given.keys() - {"version"} and not self.errors:
            raise ValidationError(_("Give at least one setting to change."), code="nothing_given")
        return given
