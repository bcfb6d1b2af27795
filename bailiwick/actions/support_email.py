"""Support Email: a message to the people of one customer, sent by the outbox and logged without its text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bailiwick import audit
from bailiwick.access.permissions import Permission
from bailiwick.access.recipients import has_nobody, has_nobody_confirmed, is_address_of, is_read, recipients_of
from bailiwick.access.scope import customers_for
from bailiwick.engine.action import Change, Reach
from bailiwick.engine.forms.fields import LongTextField, NameField
from bailiwick.engine.forms.form import DefaultsForm
from bailiwick.engine.forms.recipients import RecipientsField
from bailiwick.engine.outbox import enqueue_mail
from bailiwick.engine.reasons import Refusal
from bailiwick.engine.support_mails import refuse_at_once, refuse_more

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor
    from bailiwick.engine.batch import Batch
    from bailiwick.models import Customer


class SupportEmail(Change):
    """Sends a message to the contact and the administrators of one customer. Answers go to you."""

    label = gettext_lazy("Support Email")
    permission = Permission.CUSTOMER_SUPPORT
    event = "SUPPORT_EMAIL"
    category = "USER"
    reach = Reach.ONE
    group = "support"
    repeatable = True
    forgets = ("message",)

    class Params(DefaultsForm):
        """To whom, and what."""

        to = RecipientsField(
            label=gettext_lazy("To"),
            required=False,
            help_text=gettext_lazy(
                "The customer's contact and its active administrators, once they have confirmed their addresses."
            ),
        )
        copy = forms.BooleanField(label=gettext_lazy("Send me a copy"), required=False, initial=True)
        subject = NameField(label=gettext_lazy("Subject"))
        message = LongTextField(label=gettext_lazy("Message"))

    def gate(self, actor: Actor) -> None:
        """At most ten a minute and user (domain 9)."""
        refuse_more(actor, self.slug, now=timezone.now())

    def refusals(self, params: Mapping[str, Any], actor: Actor) -> Sequence[Refusal]:
        """Only addresses that the customer's rows hold."""
        nobody = _("This customer has no contact e-mail and no active administrator that you may know.")
        strange = _("This is not an address of the customer: %(email)s.")
        unknown = {to: ~is_address_of(actor, to) for to in params["to"]}
        return (
            Refusal(has_nobody(actor), nobody, "no_recipient", field="to"),
            *(Refusal(rule, strange % {"email": to}, "not_of_customer", field="to") for to, rule in unknown.items()),
            *_unread(params, actor),
        )

    def offer(self, form: Any, rows: QuerySet[Customer]) -> None:
        """The addresses to tick: the contact is ticked, or everybody where there is no contact."""
        found = recipients_of(form.actor, rows.select_related("detail")[0])
        unread = _("%(email)s (not confirmed)")
        form.fields["to"].choices = [
            (each.email, each.email if each.is_confirmed else unread % {"email": each.email}) for each in found
        ]
        form.fields["to"].initial = [each.email for each in found if each.is_confirmed][:1]

    def values(self, params: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:  # noqa: ARG002
        """It changes nothing of the customer."""
        return {}

    def apply(self, batch: Batch) -> None:
        """One letter for each recipient; the event knows all but the text, and the job forgets it."""
        params, actor = batch.params, batch.actor
        refuse_at_once(actor, self.event, now=batch.now)
        for customer in customers_for(actor).select_related("detail").filter(pk__in=batch.ids):
            to, cc = _recipients(actor, customer, params)
            enqueue_mail(
                [*to, *cc],
                subject=params["subject"],
                body=params["message"],
                key=f"job:{batch.job.pk}",
                now=batch.now,
                about={"customer": customer.pk},
                headers={"To": ", ".join(to), "Cc": ", ".join(cc), "Reply-To": _own(actor)},
            )
            told = {"to": to, "cc": cc, "subject": params["subject"]}
            audit.record(
                actor, self.event, subject=customer.name, customer=customer, after=told, at=batch.now, job=batch.job.pk
            )
        batch.forget("message")

    def letter(self, rows: QuerySet[Customer], params: Mapping[str, Any], actor: Actor) -> Mapping[str, str]:
        """The mail as it will go out (domain 9)."""
        customer = rows.select_related("detail").first()
        if customer is None:
            return {}
        to, cc = _recipients(actor, customer, params)
        shown = {_("From"): settings.DEFAULT_FROM_EMAIL, _("Reply-To"): _own(actor), _("To"): ", ".join(to)}
        headers = {**shown, _("Cc"): ", ".join(cc), _("Subject"): params["subject"]}
        return {name: text for name, text in headers.items() if text} | {"": params["message"]}

    def button(self, count: int, params: Mapping[str, Any]) -> str:  # noqa: ARG002
        """What the button says."""
        return _("Send")


def _unread(params: Mapping[str, Any], actor: Actor) -> Iterator[Refusal]:
    """Mails go to nobody of whom it is not known that he reads there (issue 3)."""
    how = _("The link that was mailed there was not followed yet; System settings sends it again.")
    for to in params["to"]:
        sentence = _("This address is not confirmed: %(email)s.") % {"email": to}
        yield Refusal(~is_read(actor, to), f"{sentence} {how}", "not_confirmed", field="to")
    if not params["to"]:
        nobody = _("No address of this customer is confirmed.")
        yield Refusal(has_nobody_confirmed(actor), f"{nobody} {how}", "not_confirmed", field="to")


def _recipients(actor: Actor, customer: Customer, params: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    to = list(params["to"]) or [each.email for each in recipients_of(actor, customer) if each.is_confirmed][:1]
    own = _own(actor)
    return to, [own] if params["copy"] and own else []


def _own(actor: Actor) -> str:
    """Where answers go, with a copy or without."""
    return actor.name if "@" in actor.name else ""
