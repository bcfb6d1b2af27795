"""The bin over REST: what was deleted, by whom, and how long it can be restored (`restore-customer` does it)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils import timezone
from ninja import Router, Schema

from bailiwick.access.bin import described
from bailiwick.access.permissions import Permission
from bailiwick.access.scope import deleted_customers_for
from bailiwick.api.caller import Call
from bailiwick.api.paging import After, Limit, page_of, require_known

if TYPE_CHECKING:
    from bailiwick.access.bin import Deleted

router = Router(tags=["Customers"])


class DeletedCustomerOut(Schema):
    """A customer in the bin; on the last of its days `days_left` is 1."""

    id: int
    logical_id: UUID
    name: str
    account_number: str
    domain: str
    partner_id: int | None
    deleted_at: datetime
    deleted_by: str | None
    job_id: int | None
    days_left: int


class DeletedCustomerPage(Schema):
    """The newest ids first."""

    data: list[DeletedCustomerOut]
    next: str | None


@router.get("/deleted-customers", response=DeletedCustomerPage)
def deleted_customers(request: Call, limit: Limit = 50, after: After = None) -> Any:
    """The customers of your portal that were deleted in the last 30 days."""
    actor = request.auth
    actor.require(Permission.CUSTOMER_RESTORE)
    require_known(request)
    found, further = page_of(deleted_customers_for(actor), limit=limit, after=after, descending=True)
    return {"data": [_shown(each) for each in described(actor, found, timezone.now())], "next": further}


def _shown(found: Deleted) -> dict[str, Any]:
    row, event = found.customer, found.event
    own = {name: getattr(row, name) for name in DeletedCustomerOut.model_fields if hasattr(row, name)}
    told = {"deleted_by": event.actor_name if event else None, "job_id": event.job_id if event else None}
    return own | told | {"days_left": found.days_left}
