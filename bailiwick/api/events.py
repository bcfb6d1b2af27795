"""Events over REST: who did what, when, through which door; the filters are those of the events page."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import AfterValidator, Field

from bailiwick.access.history import EventFilter, read
from bailiwick.api.caller import Call
from bailiwick.api.paging import After, Limit, require_known
from bailiwick.api.record_shapes import EventPage

router = Router(tags=["Records"])
Number = Annotated[int | None, Field(ge=1, lt=2**63)]
Words = Annotated[str, Field(max_length=255)]


def _in_utc(moment: datetime | None) -> datetime | None:
    """Raises ValueError where the moment is in no year that there is; without a zone it is UTC already."""
    if moment is None or moment.tzinfo is None:
        return moment and moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(_("There is no such moment.")) from None


Moment = Annotated[datetime | None, AfterValidator(_in_utc)]


class EventQuery(Schema):
    """What is asked for; a field that is left out asks for nothing."""

    name: Words = Field("", description="Of the event, such as DELETE_ENTERPRISE.")
    actor: Words = Field("", description="A part of who did it.")
    subject: Words = Field("", description="A part of what it was done to.")
    door: Literal["", "web", "api", "shell", "worker", "device"] = ""
    category: Words = ""
    customer: Number = None
    partner: Number = Field(None, description="What was done to this partner itself.")
    job: Number = Field(None, description="The number of a job.")
    since: Moment = Field(None, description="This moment and later; without a zone it is UTC.")
    until: Moment = Field(None, description="Before this moment; without a zone it is UTC.")

    def filter(self) -> EventFilter:
        """The same in the words of access/history.py; no text of ours has a NUL."""
        values = {field: _plain(value) for field, value in self if value}
        return EventFilter(**values | ({"name": values["name"].upper()} if "name" in values else {}))


def _plain(value: Any) -> Any:
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value


@router.get("/events", response=EventPage)
def events(request: Call, asked: Query[EventQuery], limit: Limit = 50, after: After = None) -> Any:
    """What happened in your portal, newest first, by the filters of the events page."""
    require_known(request, *EventQuery.model_fields)
    found, further = read(request.auth, asked.filter(), after=after, limit=limit)
    return {"data": found, "next": str(further) if further else None}
