"""Support Email: a message to the people of one customer, sent by the outbox and logged without its text."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bailiwick import audit
from bailiwick.access.permissions import Permission
from bailiwick.access.scope import customers_for, jobs_for
from bailiwick.engine.action import Change, Reach, Refusal
from bailiwick.engine.forms.fields import LongTextField, NameField, RecipientsField
from bailiwick.engine.forms.form import DefaultsForm, InvalidParams
from bailiwick.engine.outbox import enqueue_mail
from bailiwick.models import User

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor
    from bailiwick.engine.batch import Batch
    from bailiwick.models import Customer

MOST, WITHIN = 10, timedelta(minutes=1)


class SupportEmail(Change):
    """Sends a message to the contact and the administrators of one customer. Answers go to you."""

    label = gettext_lazy("Support Email")
    permission = Permission.CUSTOMER_SUPPORT
    event = "SUPPORT_EMAIL"
    category = "USER"
    reach = Reach.ONE
    group = "support"
    repeatable = True

    class Params(DefaultsForm):
        """To whom, and what."""

        to = RecipientsField(
            label=gettext_lazy("To"),
            required=False,
            help_text=gettext_lazy("The customer's contact and its active administrators."),
        )
        copy = forms.BooleanField(label=gettext_lazy("Send me a copy"), required=False, initial=True)
        subject = NameField(label=gettext_lazy("Subject"))
        message = LongTextField(label=gettext_lazy("Message"))

    def gate(self, actor: Actor) -> None:
        """At most ten a minute and user (domain 9)."""
        mine = jobs_for(actor).filter(user_id=actor.user_id, action=self.slug, state="done")
        if actor.user_id and mine.filter(created_at__gt=timezone.now() - WITHIN).count() >= MOST:
            message = _("You sent %(most)d support mails within a minute. Wait a moment.") % {"most": MOST}
            raise InvalidParams.one("select", "too_many", message, status=429)

    def refusals(self, params: Mapping[str, Any], actor: Actor) -> Sequence[Refusal]:  # noqa: ARG002
        """Only addresses that the customer's rows hold."""
        nobody = _("This customer has no contact e-mail and no active administrator.")
        no_contact = Q(detail__contact_email="") & ~Q(Exists(_administrators()))
        strange = _("This is not an address of the customer: %(email)s.")
        return (
            Refusal(no_contact, nobody, "no_recipient", field="to"),
            *(Refusal(~_holds(to), strange % {"email": to}, "not_of_customer", field="to") for to in params["to"]),
        )

    def offer(self, form: Any, rows: QuerySet[Customer]) -> None:
        """The addresses to tick: the contact is ticked, or everybody where there is no contact."""
        addresses = _addresses(rows.select_related("detail")[0])
        form.fields["to"].choices = [(address, address) for address in addresses]
        form.fields["to"].initial = addresses[:1]

    def values(self, params: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:  # noqa: ARG002
        """It changes nothing of the customer."""
        return {}

    def apply(self, batch: Batch) -> None:
        """One letter for each recipient; the event knows all but the text, and the job forgets it."""
        params, actor = batch.params, batch.actor
        for customer in customers_for(actor).select_related("detail").filter(pk__in=batch.ids):
            to = list(params["to"]) or _addresses(customer)[:1]
            cc = [actor.name] if params["copy"] and "@" in actor.name else []
            enqueue_mail(
                [*to, *cc],
                subject=params["subject"],
                body=params["message"],
                key=f"job:{batch.job.pk}",
                now=batch.now,
                headers={"To": ", ".join(to), "Cc": ", ".join(cc), "Reply-To": actor.name if cc else ""},
            )
            told = {"to": to, "cc": cc, "subject": params["subject"]}
            audit.record(
                actor, self.event, subject=customer.name, customer=customer, after=told, at=batch.now, job=batch.job.pk
            )
        batch.forget("message")

    def warnings(self, rows: QuerySet[Customer], params: Mapping[str, Any]) -> Sequence[str]:
        """The mail as it will go out."""
        customer = rows.select_related("detail").first()
        to = list(params["to"]) or (_addresses(customer)[:1] if customer else [])
        return (
            _("To: %(to)s") % {"to": ", ".join(to)},
            _("Subject: %(subject)s") % {"subject": params["subject"]},
            params["message"],
        )

    def button(self, count: int) -> str:  # noqa: ARG002
        """What the button says."""
        return _("Send")


def _administrators() -> QuerySet[User]:
    superusers = User.objects.filter(role="customer-superuser", is_active=True, deleted_at=None)
    return superusers.filter(level="customer", customer_id=OuterRef("pk"))


def _holds(address: str) -> Q:
    return Q(detail__contact_email=address) | Q(Exists(_administrators().filter(email=address)))


def _addresses(customer: Customer) -> list[str]:
    """The contact first, then the active administrators, each once."""
    active = customer.users.filter(role="customer-superuser", is_active=True, deleted_at=None)
    found = [customer.detail.contact_email, *active.order_by("email_key").values_list("email", flat=True)]
    return list(dict.fromkeys(address for address in found if address))
