"""The fields of a customer that people fill in: the same for making one, importing many and changing one."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from bailiwick.access.scope import gateway_pools_for, partners_for
from bailiwick.engine.forms import fields
from bailiwick.engine.forms.administrator_form import ADMINISTRATOR, AdministratorForm
from bailiwick.engine.forms.form import ActionForm, DefaultsForm, Section
from bailiwick.engine.forms.licence_form import LicencesForm
from bailiwick.engine.forms.row_field import RowField
from bailiwick.engine.intake import creation
from bailiwick.engine.intake.stock import Stock
from bailiwick.models import EdgeAuthentication

ACCOUNT_LENGTH = 64
SERVICES = {
    "SDWAN": _("SD-WAN"),
    "ANALYTICS": _("Edge Intelligence"),
    "CWS": _("Cloud Web Security"),
    "ZTNAD": _("Secure Access"),
    "CLOUDHUB": _("Cloud Hub"),
}
AUTHENTICATION = {
    EdgeAuthentication.DEACTIVATED: _("Deactivated"),
    EdgeAuthentication.ACQUIRE: _("Acquire"),
    EdgeAuthentication.REQUIRED: _("Required"),
}


SECTIONS = (
    Section("customer", _("Customer"), ("name", "account_number", "domain", "description", "partner")),
    Section("contact", _("Contact"), ("contact_name", "contact_email", "contact_phone", "contact_mobile")),
    Section(
        "location",
        _("Location"),
        ("street", "street_2", "city", "state", "postcode", "country", "latitude", "longitude", "timezone", "locale"),
    ),
    ADMINISTRATOR,
    Section(
        "configuration",
        _("Configuration"),
        ("services", "licences", "operator_profile", "gateway_pool", "edge_authentication", "edge_image_management"),
    ),
    Section("access", _("Access"), ("operator_access", "operator_user_management", "partner_access")),
)


class CustomerForm(ActionForm):
    """Who the customer is, how to reach the people there, and where they are."""

    name = fields.NameField(label=_("Company name"), help_text=_("Unique in this installation."))
    account_number = fields.NameField(
        label=_("Account number"), max_length=ACCOUNT_LENGTH, help_text=_("Your own number of this customer, unique.")
    )
    domain = fields.DomainField(
        label=_("Domain"), required=False, help_text=_("Unique if given: single sign-on and analytics use it.")
    )
    description = fields.LongTextField(label=_("Description"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    contact_name = fields.NameField(label=_("Contact name"), required=False)
    contact_email = fields.EmailField(label=_("Contact e-mail"), max_length=254, required=False)
    contact_phone = fields.PhoneField(label=_("Contact phone"), required=False)
    contact_mobile = fields.PhoneField(label=_("Contact mobile"), required=False)
    street = fields.NameField(label=_("Street"), required=False)
    street_2 = fields.NameField(label=_("Street, second line"), required=False)
    city = fields.NameField(label=_("City"), required=False)
    state = fields.NameField(label=_("State or province"), required=False)
    postcode = fields.PostcodeField(label=_("Postcode"), required=False)
    country = fields.CountryField(label=_("Country"), required=False)
    latitude = fields.DegreesField(label=_("Latitude"), limit=90, required=False)
    longitude = fields.DegreesField(label=_("Longitude"), limit=180, required=False)
    timezone = fields.TimeZoneField(label=_("Time zone"), initial="UTC", required=False)
    locale = fields.LocaleField(label=_("Language"), initial="en", required=False, help_text=_("Such as en or de-CH."))
    edge_authentication = forms.ChoiceField(
        label=_("Default edge authentication"),
        choices=list(AUTHENTICATION.items()),
        initial=EdgeAuthentication.ACQUIRE,
        required=False,
    )
    edge_image_management = forms.BooleanField(
        label=_("Allow customer to manage software"),
        required=False,
        help_text=_("Its administrators choose among the software images that you assign."),
    )
    services = forms.MultipleChoiceField(
        label=_("Services"), choices=list(SERVICES.items()), initial=["SDWAN"], widget=forms.CheckboxSelectMultiple
    )
    operator_access = forms.BooleanField(
        label=_("Operator support access"),
        initial=True,
        required=False,
        help_text=_("Operator support may view, configure and troubleshoot edges; it sees nobody's personal data."),
    )
    operator_user_management = forms.BooleanField(
        label=_("Operator user management"),
        required=False,
        help_text=_("Operators may create users and reset passwords, and then see personal data."),
    )
    partner_access = forms.BooleanField(
        label=_("Partner support access"),
        required=False,
        help_text=_("The partner's support may view, configure and troubleshoot edges. Without a partner it is off."),
    )


class OwnedForm(CustomerForm):
    """Whose it is, and what its owner gives it."""

    partner = RowField(label=_("Partner"), queryset=None, required=False, empty_label=_("No partner"))
    operator_profile = RowField(
        label=_("Operator profile"),
        queryset=None,
        required=False,
        empty_label=None,
        error_messages={"invalid_choice": _("There is no such operator profile, or its software image is deprecated.")},
    )
    gateway_pool = RowField(label=_("Gateway pool"), queryset=None, required=False, empty_label=None)


class CompleteForm(LicencesForm, AdministratorForm, DefaultsForm, OwnedForm):
    """All of a new customer."""

    sections: ClassVar[tuple[Section, ...]] = SECTIONS

    def prepare(self) -> None:
        """Only what the actor may give is offered."""
        super().prepare()
        self.usual: dict[str, Any] = {}
        self._offer("partner", partners_for(self.actor), None)
        self._offer("operator_profile", creation.usable_profiles(self.actor), creation.default_profile(self.actor))
        self._offer("gateway_pool", gateway_pools_for(self.actor), creation.default_pool(self.actor))
        if self.actor.level == "partner":
            del self.fields["partner"]
            self.fields["partner_access"].initial = True

    def _offer(self, name: str, rows: Any, chosen: Any) -> None:
        field: Any = self.fields[name]
        self.usual[name] = chosen
        if self.actor.is_operator and chosen:  # it may still be a partner's customer, and take the partner's default
            field.empty_label = _("The default: of its partner, or %(name)s") % {"name": chosen}
        else:
            field.initial = chosen
        field.queryset = rows.order_by("name_key")

    def clean(self) -> dict[str, Any]:
        """What was not chosen has its default."""
        cleaned = self.require_address()
        for name in ("operator_profile", "gateway_pool"):
            if name in cleaned and not cleaned[name]:
                cleaned[name] = self._default(name, cleaned.get("partner"))
        if cleaned.get("partner_access") and "partner" in self.fields and not (cleaned.get("partner") or self.errors):
            message = _("Choose the partner whom this lets in, or leave it off.")
            self.add_error("partner_access", ValidationError(message, code="no_partner"))
        return cleaned

    def _default(self, name: str, partner: Any) -> Any:
        rows = self.fields[name].queryset  # type: ignore[attr-defined]
        chosen = rows.filter(pk=Stock([partner.pk]).default(name, partner.pk)).first() if partner else self.usual[name]
        if chosen is None:
            message = _("There is none to choose yet. Create one first.")
            self.add_error(name, ValidationError(message, code="none_exists"))
        return chosen
