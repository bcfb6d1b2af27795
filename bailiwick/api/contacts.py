"""A customer's contact address over REST: whether somebody reads there, and mailing the link again."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from django.core.exceptions import ValidationError
from django.utils import timezone
from ninja import Router, Schema, Status

from bailiwick.access import confirmations
from bailiwick.access.opening import open_customer
from bailiwick.access.permissions import Permission
from bailiwick.access.scope import customers_for
from bailiwick.api.body import read_body
from bailiwick.api.caller import Call
from bailiwick.api.refused import refused

if TYPE_CHECKING:
    from bailiwick.access.actor import Actor
    from bailiwick.models import Customer

router = Router(tags=["Customers"])


class ContactOut(Schema):
    """Support mails go to a confirmed address only; `waiting`: a link was mailed at `asked_at`, nobody followed it."""

    email: str
    state: Literal["none", "unconfirmed", "waiting", "confirmed"]
    asked_at: datetime | None


@router.get("/customers/{int:customer_id}/contact", response=ContactOut)
def contact(request: Call, customer_id: int) -> Any:
    """The contact address of a customer, and whether somebody reads there."""
    request.auth.require(Permission.CUSTOMER_READ)
    return _told(request.auth, open_customer(request.auth, customer_id))


@router.post("/customers/{int:customer_id}/contact/send", response={202: ContactOut})
def send(request: Call, customer_id: int) -> Any:
    """Mails the link again; the earlier one dies. Three letters to an address within 15 minutes, then 409."""
    read_body(request, known=())
    actor = request.auth
    customer = open_customer(actor, customer_id)
    try:
        confirmations.ask_again(actor, customer, now=timezone.now())
    except ValidationError as error:
        raise refused(error) from None
    return Status(202, _told(actor, customer))


def _told(actor: Actor, customer: Customer) -> dict[str, Any]:
    found = confirmations.contact_of(customer, customers_for(actor))
    return {"email": found.email, "state": found.state, "asked_at": found.asked_at}
