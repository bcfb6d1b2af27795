"""The fields of a partner that people fill in: all of a new one, or what is to change of one that is there."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from bailiwick.access.licences import licence_types_for
from bailiwick.access.permissions import Permission
from bailiwick.access.scope import gateway_pools_for, operator_profiles_for
from bailiwick.engine.forms import fields
from bailiwick.engine.forms.administrator_form import ADMINISTRATOR, AdministratorForm
from bailiwick.engine.forms.form import ActionForm, DefaultsForm, Section
from bailiwick.engine.forms.row_field import RowField, RowsField

GENERAL = Section("general", _("Partner"), ("name", "domain", "description"))
ACCESS = Section("access", _("Access"), ("operator_access", "operate_gateways", "edge_image_management"))
CONTACT = Section("contact", _("Contact"), ("contact_name", "contact_email", "contact_phone", "contact_mobile"))
ADDRESS = Section("address", _("Address"), ("street", "street_2", "city", "state", "postcode", "country"))
DEFAULTS = Section(
    "defaults",
    _("Default properties of its customers"),
    ("gateway_pools", "default_pool", "operator_profiles", "default_profile", "licences"),
)
# What a partner decides about itself (domain 8.4).
OWN = ("operator_access",)


class PartnerForm(ActionForm):
    """Every setting of a partner; only what is given changes. `version` is the one that was shown."""

    sections: ClassVar[tuple[Section, ...]] = (GENERAL, DEFAULTS, ACCESS, CONTACT, ADDRESS)
    name = fields.NameField(label=_("Name"), help_text=_("Unique in this installation."))
    domain = fields.DomainField(label=_("Domain"), required=False, help_text=_("Single sign-on uses it."))
    description = fields.LongTextField(label=_("Description"), required=False)
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
    operator_access = forms.BooleanField(
        label=_("Operator support access"),
        initial=True,
        required=False,
        help_text=_("Operators may view and configure this partner. Once off, only the partner can switch it on."),
    )
    operate_gateways = forms.BooleanField(
        label=_("Grant gateway management access"),
        required=False,
        help_text=_("The partner may make and manage gateways and pools of its own. Without it they are read-only."),
    )
    edge_image_management = forms.BooleanField(
        label=_("Edge Image Management"),
        required=False,
        help_text=_("The partner may let its customers choose among the software images that it assigns to them."),
    )
    gateway_pools = RowsField(
        label=_("Gateway pools"), queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )
    default_pool = RowField(label=_("Default gateway pool"), queryset=None, required=False, empty_label=_("None"))
    operator_profiles = RowsField(
        label=_("Operator profiles"), queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )
    default_profile = RowField(
        label=_("Default operator profile"), queryset=None, required=False, empty_label=_("None")
    )
    licences = RowsField(label=_("Edge licences"), queryset=None, required=False, widget=forms.CheckboxSelectMultiple)
    version = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    def prepare(self) -> None:
        """The operator's own pools and profiles; the partner itself decides about its delegation only."""
        offer(self)
        if not self.actor.may(Permission.PARTNER_UPDATE):
            kept = OWN if self.actor.may(Permission.PARTNER_UPDATE_DELEGATION) else ()
            self.fields = {name: self.fields[name] for name in (*kept, "version")}
        if "name" in self.fields:
            self.fields["name"].required = not self.is_bound or "name" in self.data

    def clean(self) -> dict[str, Any]:
        """Only what was given."""
        given = {name: value for name, value in self.cleaned_data.items() if name in self.data}
        if not given.keys() - {"version"} and not self.errors:
            raise ValidationError(_("Give at least one setting to change."), code="nothing_given")
        return given


class NewPartnerForm(AdministratorForm, DefaultsForm, PartnerForm):
    """All of a new partner, and who administers it."""

    sections = (GENERAL, ADMINISTRATOR, DEFAULTS, ACCESS, CONTACT, ADDRESS)
    version = None  # type: ignore[assignment] # nobody changed what is not there

    def prepare(self) -> None:
        """The operator's own pools and profiles."""
        offer(self)

    def clean(self) -> dict[str, Any]:
        """A new partner is made with all that its fields say."""
        return self.require_address()


def offer(form: PartnerForm) -> None:
    """What the operator can grant: pools of no partner, and its profiles."""
    pools = gateway_pools_for(form.actor).filter(partner=None).order_by("name_key")
    profiles = operator_profiles_for(form.actor).order_by("name_key")
    choices = {
        "gateway_pools": pools,
        "default_pool": pools,
        "operator_profiles": profiles,
        "default_profile": profiles,
        "licences": licence_types_for(form.actor).order_by("name_key"),
    }
    for name, rows in choices.items():
        form.fields[name].queryset = rows  # type: ignore[attr-defined]
