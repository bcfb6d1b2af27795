"""What Clone Customer asks: all of a new customer, begun with what its template has, and what is copied besides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from bailiwick.access.permissions import Permission
from bailiwick.access.scope import open_customers_for
from bailiwick.engine.configuration.clone import Blocker, blockers_of
from bailiwick.engine.configuration.kinds import KINDS, Travels
from bailiwick.engine.forms.customer_form import CompleteForm
from bailiwick.engine.forms.form import ActionForm, Section
from bailiwick.engine.forms.row_field import RowField

if TYPE_CHECKING:
    from collections.abc import Mapping

# What a clone begins with (domain 3.5, and the capabilities of 3.1); partners' support access only where they clone.
BEGINS_WITH = ("operator_access", "operator_user_management", "edge_authentication", "edge_image_management")
OWNED = ("gateway_pool", "operator_profile")
ASKED = {kind.slug.replace("-", "_"): kind.slug for kind in KINDS.values() if kind.travels is Travels.ON_REQUEST}


class CopiedForm(ActionForm):
    """Whose configuration a new customer begins with, and what is copied besides."""

    template = RowField(
        label=_("Template customer"),
        queryset=None,
        required=False,
        empty_label=None,
        widget=forms.HiddenInput,
        help_text=_("Whose configuration is copied."),
    )
    security_policy = forms.BooleanField(label=_("Copy the security policy"), required=False)
    alert_configuration = forms.BooleanField(label=_("Copy the alert configuration"), required=False)
    routing_preferences = forms.BooleanField(label=_("Copy the global routing preferences"), required=False)
    resolve_references = forms.BooleanField(
        label=_("Copy what would hinder it, too"),
        required=False,
        help_text=_("References to edges and gateways become names to choose from; services keep their settings."),
    )

    def prepare(self) -> None:
        """Who may not clone is not asked."""
        super().prepare()
        if not self.actor.may(Permission.CUSTOMER_CLONE):
            for name in CopiedForm.base_fields:
                del self.fields[name]
            return
        customers: Any = self.fields["template"]
        customers.queryset = open_customers_for(self.actor).select_related("detail")


class CloneForm(CopiedForm, CompleteForm):
    """The template decides what is not said."""

    # What an empty field has follows the template, also when another one is chosen on the page.
    follows = (*BEGINS_WITH, *OWNED, "partner_access", "services")
    sections: ClassVar[tuple[Section, ...]] = (
        *CompleteForm.sections,
        Section("attributes", _("Additional clone attributes"), (*ASKED, "resolve_references")),
    )

    def prepare(self) -> None:
        """What the template has is what an empty field has."""
        super().prepare()
        self.fields["template"].required = True
        self.chosen = found = self._template()
        if found is None:
            return
        for name in (*BEGINS_WITH, *(("partner_access",) if self.actor.level == "partner" else ())):
            self.fields[name].initial = getattr(found, name)
        self.fields["services"].initial = found.detail.services or self.fields["services"].initial
        for name in OWNED:
            self._begin(name, getattr(found, f"{name}_id"))

    @property
    def blockers(self) -> list[Blocker]:
        """What keeps the chosen customer from being a template."""
        return blockers_of(self.chosen.pk) if self.chosen else []

    def _template(self) -> Any:
        given = self.data.get("template") if self.is_bound else self.initial.get("template")
        field: Any = self.fields["template"]
        try:
            return field.clean(given) if given else None
        except forms.ValidationError:
            return None  # said beside the field when the form is cleaned

    def _begin(self, name: str, pk: int) -> None:
        """The template's own, where the actor may give it; else the usual."""
        field: Any = self.fields[name]
        chosen = field.queryset.filter(pk=pk).first()
        if chosen is not None:
            field.initial, field.empty_label = chosen.pk, None


def asked_of(params: Mapping[str, Any]) -> list[str]:
    """The kinds that are copied on request, by cleaned values."""
    return [slug for name, slug in ASKED.items() if params.get(name)]


def hindered(params: Mapping[str, Any]) -> list[Blocker]:
    """What keeps the chosen template from being one, unless it is to be copied all the same."""
    return [] if params.get("resolve_references") else blockers_of(params["template"].pk)
