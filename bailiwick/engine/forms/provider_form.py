"""What is entered of an identity provider, on its page and over REST."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from bailiwick.access.permissions import ROLE_LABELS, ROLES
from bailiwick.engine.forms.fields import DomainField, NameField
from bailiwick.engine.forms.form import ActionForm

EVERY = [(name, ROLE_LABELS[name]) for named in ROLES.values() for name in named]


class ProviderForm(ActionForm):
    """One that is there: its domain stays, and so does its secret where none is given."""

    issuer = NameField(label=_("Issuer"), max_length=500, help_text=_("Such as https://login.example.com"))
    client_id = NameField(label=_("Client ID"))
    client_secret = forms.CharField(
        label=_("Client secret"), required=False, max_length=1000, strip=True,
        help_text=_("Kept sealed, never shown. Empty: it stays."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    creates_users = forms.BooleanField(label=_("Create users at first sign-in"), required=False)
    default_role = forms.ChoiceField(label=_("Their role"), required=False, choices=[("", ""), *EVERY])
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def prepare(self) -> None:
        """The roles of the actor's level."""
        roles = [(role, ROLE_LABELS[role]) for role in ROLES[self.actor.level]]
        self.fields["default_role"].choices = [("", _("Choose a role")), *roles]  # type: ignore[attr-defined]


class NewProviderForm(ProviderForm):
    """A new one; partners and customers have the domain of their record."""

    field_order = ("domain",)
    domain = DomainField(label=_("E-mail domain"), help_text=_("Who signs in with such an address is led there."))

    def prepare(self) -> None:
        """Whose users it is for is the operator's to say only of its own."""
        super().prepare()
        if not self.actor.is_operator:
            del self.fields["domain"]
        self.fields["client_secret"].required = True
        self.fields["client_secret"].help_text = _("Kept sealed, never shown.")
