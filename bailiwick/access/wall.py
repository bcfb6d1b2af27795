"""The second wall: whose rows PostgreSQL shows at all, whatever a query forgets to filter (docs/adr/0020)."""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager
from enum import Enum
from typing import TYPE_CHECKING, Any

from django.db import connection

from bailiwick.access.postgresql.base import OUTSIDE, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bailiwick.access.actor import Actor
    from bailiwick.models import Job, User

ARRIVAL, WORKER = "bailiwick_arrival", "bailiwick_worker"
# Where a request begins, and nobody's rows are seen.
BEGINNING = Place("bailiwick_web")


class Beyond(Enum):
    """The complete list of what looks past the wall from a page, REST or the shell, each as a role of the database."""

    ARRIVING = ARRIVAL, "who comes in: before it is known who he is"
    NAMING = WORKER, "names that are unique in the whole installation, and what ids are called"
    GATHERED = WORKER, "heartbeats of many customers' edges, which one statement writes"
    OFFER = WORKER, "customers that are offered to a partner and are not its own yet"


# Where a worker stands between two jobs: whose job is next, what is to be sent, what has had its time.
UPKEEP = Place(WORKER)
# Where the events are sealed: it reads them and adds seals, and may do nothing else (docs/adr/0021).
SEALER = Place("bailiwick_sealer")


def place_of(actor: Actor) -> Place:
    """Where somebody's statements stand; a stranger's stand outside."""
    if not actor.level:
        return OUTSIDE
    return Place(f"bailiwick_{actor.level}", actor.partner_id, actor.customer_id, actor.user_id or None)


def place_of_job(job: Job) -> Place:
    """Where a job stands: in the home of who started it, as it was then."""
    level = "customer" if job.customer_id else "partner" if job.partner_id else "operator"
    return Place(f"bailiwick_{level}", job.partner_id, job.customer_id, job.user_id)


def stand(place: Place) -> None:
    """Every statement from now on stands there, until somebody else says where."""
    ours: Any = connection
    ours.place = place


def said(user: User | None) -> None:
    """The statement that read a session has told the server; it counts where a request began, and nowhere else."""
    ours: Any = connection
    theirs = Place(f"bailiwick_{user.level}", user.partner_id, user.customer_id, user.pk) if user else BEGINNING
    ours.was_told(theirs if ours.place == BEGINNING else None)


@contextmanager
def serving() -> Iterator[None]:
    """A request begins where nobody's rows are seen, before it is known who asks, and leaves nothing behind."""
    ours: Any = connection
    ours.place = BEGINNING
    try:
        yield
    finally:
        ours.place = OUTSIDE


def behind(actor: Actor) -> AbstractContextManager[None]:
    """Statements see the rows of the actor's home, and afterwards those of before."""
    return standing(place_of(actor))


@contextmanager
def standing(place: Place) -> Iterator[None]:
    """Statements stand there, and afterwards where they stood before."""
    ours: Any = connection
    before = ours.place
    ours.place = place
    try:
        with connection.wrap_database_errors:
            ours.take_place()
        yield
    finally:
        ours.leave_place(before, eagerly=place.role in (ARRIVAL, WORKER))


def where() -> Place:
    """Where statements stand now."""
    ours: Any = connection
    place: Place = ours.place
    return place


@contextmanager
def beyond(reason: Beyond) -> Iterator[None]:
    """Looks past the wall, for a reason of the list; what is written still carries the home of who acts."""
    ours: Any = connection
    with standing(ours.place._replace(role=reason.value[0])):
        yield
