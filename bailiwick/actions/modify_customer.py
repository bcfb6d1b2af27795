"""Modify Customer: the customer's system settings; a page that is out of date loses nobody's change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bailiwick import audit
from bailiwick.access import confirmations
from bailiwick.access.permissions import Permission
from bailiwick.access.scope import customers_for, events_for
from bailiwick.access.taken import is_taken
from bailiwick.engine.action import Change, Reach
from bailiwick.engine.batch import is_detail
from bailiwick.engine.forms.settings_form import SettingsForm
from bailiwick.engine.handover import DELEGATIONS, event_of, leave_log
from bailiwick.engine.intake.creation import UNIQUE
from bailiwick.engine.profiles import has_assigned, keep_default, partner_lacks
from bailiwick.engine.reasons import Refusal
from bailiwick.models.text import name_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor
    from bailiwick.engine.batch import Batch
    from bailiwick.models import Customer

OTHERS = 20
LINKS = frozenset({"operator_profile"})


class ModifyCustomer(Change):
    """Changes the settings of one customer: general, contact, address, privacy and delegations."""

    label = gettext_lazy("Modify Customer")
    permission = Permission.CUSTOMER_UPDATE_CONTACT
    event = "UPDATE_ENTERPRISE"
    category = "ENTERPRISE"
    reach = Reach.ONE
    group = "create"
    page = "customer-settings"
    relies_on_grants = True

    class Params(SettingsForm):
        """What is to change."""

    def refusals(self, params: Mapping[str, Any], actor: Actor) -> Sequence[Refusal]:
        """A stale page, a name that is taken, and what is so already."""
        return tuple(self._refusals(self.values(params, now=None), params.get("version"), actor))

    def _refusals(self, new: Mapping[str, Any], version: int | None, actor: Actor) -> Iterator[Refusal]:
        if version is not None:
            yield Refusal(~Q(version=version), _("Somebody changed this customer meanwhile."), "stale", field="version")
        for unique in UNIQUE:
            if key := name_key(new.get(unique.column) or ""):
                others = is_taken(unique.key, key, but_by="pk")
                yield Refusal(others, unique.sentence(), unique.code, field=unique.column)
        profile = new.get("operator_profile_id")
        if profile and actor.level == "customer":  # its own users have only what is assigned to choose from
            chosen = has_assigned(profile) | Q(operator_profile_id=profile)
            gone = _("This operator profile is no longer assigned to your company.")
            yield Refusal(~chosen, gone, "not_assigned", field="operator_profile")
        elif profile:
            lacking = _("Its partner does not have this operator profile: give it to the partner first.")
            yield Refusal(partner_lacks(profile), lacking, "profile_lacking", field="operator_profile")
        if new.get("partner_access"):
            nobody = _("Has no partner whom this would let in. Once it has one, this can be given.")
            yield Refusal(Q(partner_id=None), nobody, "no_partner", field="partner_access")
        same = Q(**{_path(name): value for name, value in new.items()})
        yield Refusal(same, _("Is so already."), "already_so", harmless=True)

    def values(self, params: Mapping[str, Any], *, now: datetime | None) -> dict[str, Any]:  # noqa: ARG002
        """What was given."""
        given = {name: value for name, value in params.items() if name != "version"}
        return {f"{name}_id": row.pk for name, row in given.items() if name in LINKS} | {
            name: value for name, value in given.items() if name not in LINKS
        }

    def apply(self, batch: Batch) -> None:
        """Writes what differs, the normal forms with it; a delegation has an event of its own besides."""
        customer = customers_for(batch.actor).select_related("detail").filter(pk__in=batch.ids).first()
        if customer is None:
            return
        given = self.values(batch.params, now=batch.now)
        new = {name: value for name, value in given.items() if _now(customer, name) != value}
        derived: dict[str, Any] = {
            unique.key: name_key(new[unique.column]) for unique in UNIQUE if unique.column in new
        }
        if "partner_access" in new:
            derived["withdrew_partner"] = not new["partner_access"]
        if "operator_profile_id" in new:
            keep_default(batch)
        batch.update(derived=derived, **new)
        customer.partner_access &= new.get("partner_access", True)
        if not customer.partner_access:
            leave_log(batch)
        if new.get("contact_email"):
            customer.detail.contact_email = new["contact_email"]
            confirmations.ask(batch.actor, customer, now=batch.now)
        for name in DELEGATIONS.keys() & new.keys():
            event = event_of(name, granted=new[name])
            audit.record(batch.actor, event, subject=customer.name, customer=customer, at=batch.now, job=batch.job.pk)

    def particulars(self, refusal: Refusal, row: Customer, params: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
        """A stale page is told who changed what since (each change raises the version by one)."""
        if refusal.code != "stale":
            return {}
        since = min(max(row.version - params["version"], 1), OTHERS)
        changes = events_for(actor).filter(customer_id=row.pk, job_id__isnull=False, before__isnull=False)
        found = changes.order_by("-id").values("actor_name", "at", "name", "before", "after")[:since]
        return {"version": row.version, "others": [{**event, "at": event["at"].isoformat()} for event in found]}

    def warnings(self, rows: QuerySet[Customer], params: Mapping[str, Any]) -> Sequence[str]:
        """Who could not sign in any more once a second factor is required (MOD-09)."""
        if not params.get("two_factor_required"):
            return ()
        without = rows.filter(users__mobile="", users__is_active=True, users__deleted_at=None)
        message = _("%(email)s has no mobile number and could not sign in with a second factor.")
        # Where the customer manages its users itself, nobody outside learns their names.
        shown = without.values_list("users__email", "operator_user_management", "name")
        nameless = _("An administrator of %(customer)s")
        return tuple(
            message % {"email": email if is_open else nameless % {"customer": name}} for email, is_open, name in shown
        )

    def sentence(self, params: Mapping[str, Any]) -> str:  # noqa: ARG002
        """The title of the job."""
        return _("Modify customer")

    def button(self, count: int, params: Mapping[str, Any]) -> str:  # noqa: ARG002
        """What the button says."""
        return _("Save")


def _path(name: str) -> str:
    return f"detail__{name}" if is_detail(name) else name


def _now(customer: Customer, name: str) -> Any:
    return getattr(customer.detail if is_detail(name) else customer, name)
