"""What is said of a gateway, of a gateway pool and of a gateway's end: on pages and over REST (domain 12.1 to 12.4)."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from bailiwick.access.gateways import gateways_for, gateways_to_hold, pools_to_fill
from bailiwick.access.scope import partners_for
from bailiwick.engine.forms.fields import (
    CountryField,
    DegreesField,
    DomainField,
    EmailField,
    LongTextField,
    NameField,
)
from bailiwick.engine.forms.form import ActionForm
from bailiwick.engine.forms.row_field import RowField, RowsField
from bailiwick.models import EdgeAuthentication, Gateway, GatewayPool, GatewayRole, GatewayState, HandOff

MOST_EDGES = 1_000_000
STATES = [each for each in GatewayState.choices if each[0] != GatewayState.QUIESCED]


class GatewayForm(ActionForm):
    """A node that edges connect to."""

    name = NameField(label=_("Name"), help_text=_("Unique in this installation."))
    partner = RowField(
        label=_("Owner"),
        queryset=None,
        required=False,
        empty_label=_("The operator"),
        help_text=_("A partner's gateway stands in pools of that partner only. The owner does not change."),
    )
    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=GatewayRole.choices, widget=forms.CheckboxSelectMultiple
    )
    state = forms.ChoiceField(
        label=_("Service state"),
        choices=STATES,
        help_text=_("Edges are sent to gateways in service. Quiescing one has a page of its own."),
    )
    pools = RowsField(label=_("Gateway pools"), queryset=None, required=False, widget=forms.CheckboxSelectMultiple)
    capacity = forms.IntegerField(
        label=_("Capacity"), min_value=0, max_value=MOST_EDGES, help_text=_("Edges that may have it as their first.")
    )
    address = forms.GenericIPAddressField(label=_("IP address"), required=False)
    private_address = forms.GenericIPAddressField(label=_("Private IP address"), required=False)
    ipv6_address = forms.GenericIPAddressField(label=_("IPv6 address"), protocol="IPv6", required=False)
    dns_name = DomainField(label=_("DNS name"), max_length=253, required=False)
    is_load_balanced = forms.BooleanField(label=_("Behind a load balancer"), required=False)
    authentication = forms.ChoiceField(label=_("Certificates of edges"), choices=EdgeAuthentication.choices)
    contact_name = NameField(label=_("Contact"), required=False)
    contact_email = EmailField(label=_("E-mail of the contact"), max_length=254, required=False)
    street = NameField(label=_("Street"), required=False)
    city = NameField(label=_("City"), required=False)
    country = CountryField(label=_("Country"), required=False)
    latitude = DegreesField(label=_("Latitude"), limit=90, required=False)
    longitude = DegreesField(label=_("Longitude"), limit=180, required=False)

    row: ClassVar[Gateway | None] = None

    @classmethod
    def of(cls, row: Gateway) -> type[Self]:
        """The form of one that is there already: what it offers depends on whose it is."""
        return type(cls.__name__, (cls,), {"row": row})

    def prepare(self) -> None:
        """Owners and pools of the actor's portal; what is quiesced says so until somebody takes it back."""
        fields: Any = self.fields
        fields["partner"].queryset = partners_for(self.actor).order_by("name_key")
        fields["pools"].queryset = pools_to_fill(self.actor, self.row.partner_id if self.row else None).order_by(
            "name_key"
        )
        if self.row and self.row.state == GatewayState.QUIESCED:
            fields["state"].choices = [(GatewayState.QUIESCED, GatewayState.QUIESCED.label), *STATES]
        if self.row or not self.actor.is_operator:
            del fields["partner"]

    def clean(self) -> dict[str, Any]:
        """A place on the map takes both; pools are the owner's."""
        values = super().clean() or {}
        for name, other in (("latitude", "longitude"), ("longitude", "latitude")):
            if values.get(name) is None and values.get(other) is not None and name not in self.errors:
                self.add_error(name, ValidationError(_("Latitude and longitude belong together."), code="required"))
        owner = values.get("partner") or (self.row.partner if self.row else None)
        owner_id = owner.pk if owner else self.actor.partner_id
        if owner_id and any(pool.partner_id != owner_id for pool in values.get("pools", ())):
            message = _("A partner's gateway stands in pools of that partner only.")
            self.add_error("pools", ValidationError(message, code="pool_of_another"))
        return values


class PoolForm(ActionForm):
    """A set of gateways from which customers' edges are served."""

    name = NameField(label=_("Name"), help_text=_("Unique in this installation."))
    description = LongTextField(label=_("Description"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    partner = RowField(
        label=_("Managed by"),
        queryset=None,
        required=False,
        empty_label=_("The operator"),
        help_text=_("A managed pool belongs to a partner, which may edit it. The owner does not change."),
    )
    hand_off = forms.ChoiceField(
        label=_("Partner gateways"), choices=HandOff.choices, help_text=_("Whether they may serve edges of this pool.")
    )
    has_ipv4 = forms.BooleanField(label=_("IPv4"), required=False)
    has_ipv6 = forms.BooleanField(label=_("IPv6"), required=False)
    gateways = RowsField(label=_("Gateways"), queryset=None, required=False, widget=forms.CheckboxSelectMultiple)

    row: ClassVar[GatewayPool | None] = None

    @classmethod
    def of(cls, row: GatewayPool) -> type[Self]:
        """The form of one that is there already: what it offers depends on whose it is."""
        return type(cls.__name__, (cls,), {"row": row})

    def prepare(self) -> None:
        """Gateways that may stand in it: of a new pool of an operator's all, until its owner is known."""
        fields: Any = self.fields
        fields["partner"].queryset = partners_for(self.actor).order_by("name_key")
        owner = self.row.partner_id if self.row else self.actor.partner_id
        is_open = self.actor.is_operator and not self.row
        rows = gateways_for(self.actor) if is_open else gateways_to_hold(self.actor, owner)
        fields["gateways"].queryset = rows.order_by("name_key")
        if self.row or not self.actor.is_operator:
            del fields["partner"]

    def clean(self) -> dict[str, Any]:
        """An address family at least, and nobody else's gateways."""
        values = super().clean() or {}
        if not (values.get("has_ipv4") or values.get("has_ipv6")):
            self.add_error("has_ipv4", ValidationError(_("Choose IPv4, IPv6 or both."), code="required"))
        owner = values.get("partner") or (self.row.partner if self.row else None)
        owners = {None, owner.pk if owner else self.actor.partner_id}
        if any(each.partner_id not in owners for each in values.get("gateways", ())):
            message = _("A partner's gateway stands in pools of that partner only.")
            self.add_error("gateways", ValidationError(message, code="gateway_of_another"))
        return values


class QuiesceForm(ActionForm):
    """A gateway takes no new edges; those that it has may stay until the deadline."""

    replacement = RowField(
        label=_("Replacement"),
        queryset=None,
        error_messages={"invalid_choice": _("It cannot replace this gateway: see which can.")},
        help_text=_("In service, with all of its roles, in all of its pools, of the same owner."),
    )
    deadline = forms.DateTimeField(
        label=_("Deadline (UTC)"),
        widget=forms.DateTimeInput(attrs={"placeholder": "2026-12-31 22:00"}),
        help_text=_("Within 60 days. Edges that are still here then go to the replacement."),
    )

    def prepare(self) -> None:
        """Which of them can is asked of the gateway (fleet/gateway/quiescing.py)."""
        self.fields["replacement"].queryset = gateways_for(self.actor).order_by("name_key")  # type: ignore[attr-defined]


class NothingForm(ActionForm):
    """A body that says nothing."""
