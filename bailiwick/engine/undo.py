"""Undoing a whole job: each row back to what it was, unless somebody changed it since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _

from bailiwick.access.scope import customers_for
from bailiwick.engine.action import Change
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.reasons import Refusal
from bailiwick.models import Customer, Event

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor
    from bailiwick.engine.action import Action
    from bailiwick.engine.batch import Batch
    from bailiwick.models import Job

REVERT = """
WITH before AS MATERIALIZED (
  SELECT c.id, c.name, c.partner_id, c.partner_access, e.after AS old, e.before AS back
  FROM bailiwick_customer c JOIN bailiwick_event e ON e.job_id = %(undone)s AND e.customer_id = c.id
  WHERE c.id = ANY(%(ids)s)
), changed AS (
  UPDATE bailiwick_customer c SET {assignments}, version = c.version + 1, updated_at = %(now)s
  FROM before b WHERE c.id = b.id RETURNING c.id, c.partner_access
)
INSERT INTO bailiwick_event (at, name, category, severity, actor_id, actor_name, door, address, job_id,
  partner_id, customer_id, subject, before, after)
SELECT %(now)s, %(event)s, %(category)s, 'INFO', %(actor)s, %(actor_name)s, %(door)s, %(address)s, %(job)s,
  CASE WHEN %(told)s::boolean OR b.partner_access AND changed.partner_access THEN b.partner_id END, b.id, b.name,
  b.old, b.back
FROM before b JOIN changed ON changed.id = b.id
"""


class Undo(Change):
    """Sets every row back to what it was before a job."""

    def __init__(self, undone: Job, action: Change, columns: Sequence[str]) -> None:
        self.undone = undone
        self.columns = columns
        self.event = action.event
        self.category = action.category

    @classmethod
    def of(cls, job: Job, action: Action) -> Undo:
        """Makes the change that undoes `job.undo_of`, from the columns that its events name."""
        if not isinstance(action, Change) or job.undo_of is None:
            raise InvalidParams.one("job", "not_undoable", _("This cannot be undone."))
        first = Event.objects.filter(job_id=job.undo_of_id).values_list("before", flat=True).first()
        return cls(job.undo_of, action, sorted(first or {}))

    def rows(self, actor: Actor) -> QuerySet[Customer]:
        """The actor's living customers."""
        return customers_for(actor)

    def refusals(self, params: Mapping[str, Any], actor: Actor) -> Sequence[Refusal]:  # noqa: ARG002
        """A row that was changed since is left alone."""
        unchanged = Exists(
            Event.objects.filter(
                job_id=self.undone.pk,
                customer_id=OuterRef("pk"),
                after=JSONObject(**{column: OuterRef(column) for column in self.columns}),
            )
        )
        return (Refusal(~Q(unchanged), _("Changed again since."), "changed_since"),)

    def apply(self, batch: Batch) -> None:
        """One statement: the old values come from the events of the undone job."""
        types = {f.name: (f.column, f.db_type(connection)) for f in Customer._meta.concrete_fields}
        assignments = ", ".join(f"{types[name][0]} = (b.back->>'{name}')::{types[name][1]}" for name in self.columns)
        parameters = {**batch.event_parameters(), "ids": batch.rows.array, "undone": self.undone.pk}
        with connection.cursor() as cursor:
            cursor.execute(REVERT.format(assignments=assignments), parameters)


def can_undo(job: Job, action: Action) -> bool:
    """Whether an inverse exists and there is something to undo."""
    has_inverse = isinstance(action, Change) and (action.undoable or bool(action.inverse))
    return has_inverse and job.is_over and job.changed > 0 and not job.undo_of_id


def changed_customers(job: Job) -> QuerySet[Customer]:
    """The customers that a job changed, by its events; deleted ones too."""
    ids = Event.objects.filter(job_id=job.pk).values("customer_id")
    return Customer.objects.filter(pk__in=ids)
