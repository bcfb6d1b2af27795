"""One customer made from a form: its row, and its first administrator, who is invited by mail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from bailiwick.access import confirmations, users
from bailiwick.engine import licences
from bailiwick.engine.action import Create
from bailiwick.engine.forms.administrator_form import ADMIN
from bailiwick.engine.forms.customer_form import CustomerForm
from bailiwick.engine.intake import creation
from bailiwick.engine.intake.stock import lacking
from bailiwick.engine.reasons import Problem
from bailiwick.models.addresses import email_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bailiwick.access.actor import Actor
    from bailiwick.engine.intake.batch import InputBatch
    from bailiwick.models import Customer


class Newborn(Create):
    """What every way to make one customer by a form has in common."""

    event = "CREATE_ENTERPRISE"
    category = "ENTERPRISE"
    group = "create"

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
        types = {"licence_ids": [each.pk for each in params["licences"]]} if params["licences"] else {}
        yield {"line": 1, **about, **home, **types, **admin}

    def problems(self, rows: Sequence[dict[str, Any]], params: Mapping[str, Any], actor: Actor) -> list[Problem]:  # noqa: ARG002
        """Names that are taken, the administrator's too."""
        message = _("Another user has this e-mail address.")
        busy = users.taken(row["admin_email"] for row in rows if "admin_email" in row)
        found = [
            Problem(row["line"], "admin_email", message, "username_taken")
            for row in rows
            if email_key(row.get("admin_email", "")) in busy
        ]
        return creation.taken(rows) + lacking(rows, actor) + licences.lacking_in(rows) + found

    def make(self, batch: InputBatch) -> None:
        """The customer, and its administrator in the same transaction."""
        rows = [{name: value for name, value in row.items() if not name.startswith(ADMIN)} for row in batch.rows]
        for customer, row in zip(creation.make(batch, rows), batch.rows, strict=True):
            if row.get("contact_email"):
                confirmations.ask(batch.actor, customer, now=batch.now)
            licences.born_with(customer, row.get("licence_ids", ()))
            if "admin_email" in row:
                _invite(batch, customer, row)

    def consequences(self, params: Mapping[str, Any]) -> Sequence[str]:
        """Who is invited, and what the pool lacks."""
        email = params["admin_email"]
        invited = _("An invitation goes to %(email)s. It works once, within 72 hours.") % {"email": email}
        alone = _("Nobody of the customer can sign in until an administrator is invited.")
        few = creation.few_gateways(params["gateway_pool"])
        named = {"pool": params["gateway_pool"], "profile": params["operator_profile"]}
        gets = _("It gets the gateway pool %(pool)s and the operator profile %(profile)s.") % named
        told = gets if params.get("partner") else ""  # a partner's defaults are not on the page
        return tuple(sentence for sentence in (invited if email else alone, told, few) if sentence)

    def sentence(self, params: Mapping[str, Any]) -> str:
        """The title of the job."""
        return _("Create %(name)s") % {"name": params["name"]}

    def button(self, count: int, params: Mapping[str, Any]) -> str:  # noqa: ARG002
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
