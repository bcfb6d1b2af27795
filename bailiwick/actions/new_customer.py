"""New Customer: one customer with its first administrator, who is invited by mail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bailiwick.access import users
from bailiwick.access.permissions import Permission
from bailiwick.access.scope import gateway_pools_for, partners_for
from bailiwick.engine import creation, fields
from bailiwick.engine.action import Create, Problem
from bailiwick.engine.customer_form import CompleteForm, CustomerForm
from bailiwick.engine.form import Section
from bailiwick.models.addresses import email_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bailiwick.access.actor import Actor
    from bailiwick.engine.batch import InputBatch
    from bailiwick.models import Customer

ADMIN = "admin_"
SECTIONS = (
    Section("customer", gettext_lazy("Customer"), ("name", "account_number", "domain", "description", "partner")),
    Section("contact", gettext_lazy("Contact"), ("contact_name", "contact_email", "contact_phone", "contact_mobile")),
    Section(
        "location",
        gettext_lazy("Location"),
        ("street", "street_2", "city", "state", "postcode", "country", "latitude", "longitude", "timezone", "locale"),
    ),
    Section(
        "administrator",
        gettext_lazy("First administrator"),
        ("admin_email", "admin_first_name", "admin_last_name", "admin_phone", "admin_mobile"),
    ),
    Section(
        "configuration",
        gettext_lazy("Configuration"),
        ("services", "operator_profile", "gateway_pool", "edge_authentication", "edge_image_management"),
    ),
    Section("access", gettext_lazy("Access"), ("operator_access", "operator_user_management", "partner_access")),
)


class NewCustomer(Create):
    """Creates a customer. Its first administrator gets an invitation and chooses the password himself."""

    label = gettext_lazy("New Customer")
    permission = Permission.CUSTOMER_CREATE
    event = "CREATE_ENTERPRISE"
    category = "ENTERPRISE"
    group = "create"

    class Params(CompleteForm):
        """Everything about the new customer."""

        sections = SECTIONS
        partner: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
            label=gettext_lazy("Partner"), queryset=None, required=False, empty_label=gettext_lazy("No partner")
        )
        operator_profile: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
            label=gettext_lazy("Operator profile"),
            queryset=None,
            required=False,
            empty_label=None,
            error_messages={
                "invalid_choice": gettext_lazy(
                    "There is no such operator profile, or its software image is deprecated."
                )
            },
        )
        gateway_pool: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
            label=gettext_lazy("Gateway pool"), queryset=None, required=False, empty_label=None
        )
        admin_email = fields.EmailField(
            label=gettext_lazy("E-mail address"),
            max_length=254,
            required=False,
            help_text=gettext_lazy("The user name. The invitation works once, within 72 hours."),
        )
        admin_first_name = fields.NameField(label=gettext_lazy("First name"), required=False)
        admin_last_name = fields.NameField(label=gettext_lazy("Last name"), required=False)
        admin_phone = fields.PhoneField(label=gettext_lazy("Phone"), required=False)
        admin_mobile = fields.PhoneField(label=gettext_lazy("Mobile"), required=False)

        def prepare(self) -> None:
            """Only what the actor may give is offered."""
            self._offer("partner", partners_for(self.actor), None)
            self._offer("operator_profile", creation.usable_profiles(self.actor), creation.default_profile(self.actor))
            self._offer("gateway_pool", gateway_pools_for(self.actor), creation.default_pool(self.actor))
            if self.actor.level == "partner":
                del self.fields["partner"]

        def _offer(self, name: str, rows: Any, chosen: Any) -> None:
            self.fields[name].queryset = rows.order_by("name_key")  # type: ignore[attr-defined]
            self.fields[name].initial = chosen

        def clean(self) -> dict[str, Any]:
            """What was not chosen has its default; names of an administrator without an address would be lost."""
            cleaned: dict[str, Any] = self.cleaned_data
            for name in ("operator_profile", "gateway_pool"):
                if name in cleaned and not cleaned[name]:
                    cleaned[name] = self._chosen(name)
            named = any(value for name, value in cleaned.items() if name.startswith(ADMIN))
            if named and not cleaned.get("admin_email", "unreadable"):
                message = _("Enter the e-mail address of this person.")
                self.add_error("admin_email", ValidationError(message, code="required"))
            return cleaned

        def _chosen(self, name: str) -> Any:
            if self.fields[name].initial is None:
                message = _("There is none to choose yet. Create one first.")
                self.add_error(name, ValidationError(message, code="none_exists"))
            return self.fields[name].initial

    def gate(self, actor: Actor) -> None:
        """Two system properties close it (domain 2.1)."""
        creation.require_open(actor)

    def inputs(self, params: Mapping[str, Any], actor: Actor) -> Iterator[dict[str, Any]]:
        """One row."""
        about = {name: params[name] for name in CustomerForm.base_fields}
        admin = {name: value for name, value in params.items() if name.startswith(ADMIN) and value}
        home = {
            "partner_id": _key(params["partner"]) if "partner" in params else actor.partner_id,
            "gateway_pool_id": _key(params["gateway_pool"]),
            "operator_profile_id": _key(params["operator_profile"]),
        }
        yield {"line": 1, **about, **home, **admin}

    def problems(self, rows: Sequence[dict[str, Any]], params: Mapping[str, Any], actor: Actor) -> list[Problem]:  # noqa: ARG002
        """Names that are taken, the administrator's too."""
        message = _("Another user has this e-mail address.")
        busy = users.taken(row["admin_email"] for row in rows if "admin_email" in row)
        found = [
            Problem(row["line"], "admin_email", message, "username_taken")
            for row in rows
            if email_key(row.get("admin_email", "")) in busy
        ]
        return creation.taken(rows) + found

    def make(self, batch: InputBatch) -> None:
        """The customer, and its administrator in the same transaction."""
        rows = [{name: value for name, value in row.items() if not name.startswith(ADMIN)} for row in batch.rows]
        for customer, row in zip(creation.make(batch, rows), batch.rows, strict=True):
            if "admin_email" in row:
                _invite(batch, customer, row)

    def consequences(self, params: Mapping[str, Any]) -> Sequence[str]:
        """Who is invited, and what the pool lacks."""
        email = params["admin_email"]
        invited = _("An invitation goes to %(email)s. It works once, within 72 hours.") % {"email": email}
        alone = _("Nobody of the customer can sign in until an administrator is invited.")
        few = creation.few_gateways(params["gateway_pool"])
        return tuple(sentence for sentence in (invited if email else alone, few) if sentence)

    def sentence(self, params: Mapping[str, Any]) -> str:
        """The title of the job."""
        return _("Create %(name)s") % {"name": params["name"]}

    def button(self, count: int) -> str:  # noqa: ARG002
        """What the button says."""
        return _("Create customer")


def _key(row: Any) -> int | None:
    return row.pk if row else None


def _invite(batch: InputBatch, customer: Customer, row: Mapping[str, Any]) -> None:
    person = users.Person(
        role="customer-superuser", **{n.removeprefix(ADMIN): v for n, v in row.items() if n.startswith(ADMIN)}
    )
    try:
        users.add(
            batch.actor, person, level="customer", partner_id=customer.partner_id, customer=customer, now=batch.now
        )
    except ValidationError as lost:
        raise creation.LostRace from lost
