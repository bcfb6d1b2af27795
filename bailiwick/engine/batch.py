"""One chunk of a job while it runs: the set-based statement that changes rows and writes their events."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from django.db import connection

from bailiwick.audit import is_told
from bailiwick.engine.fuse import SEARCHED, Fused, fits, fuse
from bailiwick.engine.judge import ALLOWED, Rows
from bailiwick.models import Customer, CustomerDetail
from bailiwick.models.text import search_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from bailiwick.access.actor import Actor
    from bailiwick.engine.judge import Judge
    from bailiwick.models import Job

# One statement: read the old values, write the new ones, and one event for each row that was written.
UPDATE = """
WITH before AS MATERIALIZED (
  SELECT c.id, c.name, c.partner_id, c.partner_access, {old} AS old
  FROM bailiwick_customer c {join} WHERE c.id = ANY(%(ids)s)
), changed AS (
  UPDATE bailiwick_customer c SET {assignments} version = c.version + 1, updated_at = %(now)s
  FROM before b WHERE c.id = b.id RETURNING c.id, c.partner_access
){detail}
INSERT INTO bailiwick_event (at, name, category, severity, actor_id, actor_name, door, address, job_id,
  partner_id, customer_id, subject, before, after)
SELECT %(now)s, %(event)s, %(category)s, 'INFO', %(actor)s, %(actor_name)s, %(door)s, %(address)s, %(job)s,
  coalesce(CASE WHEN %(told)s::boolean OR b.partner_access AND changed.partner_access THEN b.partner_id END,
    %(log)s::bigint), b.id, b.name, b.old, {after}
FROM before b JOIN changed ON changed.id = b.id
"""
DETAIL = """, detailed AS (
  UPDATE bailiwick_customerdetail d SET {assignments} FROM before b WHERE d.customer_id = b.id RETURNING d.customer_id
)"""

END_ACCESS = """
WITH gone AS (
  UPDATE bailiwick_user SET deleted_at = %(now)s, epoch = epoch + 1
  WHERE customer_id = ANY(%(ids)s) AND deleted_at IS NULL RETURNING id
), links AS (DELETE FROM bailiwick_link WHERE user_id IN (SELECT id FROM gone))
UPDATE bailiwick_token SET revoked_at = %(now)s WHERE revoked_at IS NULL AND user_id IN (SELECT id FROM gone)
"""
GIVE_BACK_USERS = """
UPDATE bailiwick_user u SET deleted_at = NULL FROM bailiwick_customer c
WHERE c.id = ANY(%(ids)s) AND u.customer_id = c.id AND u.deleted_at = c.deleted_at
  AND NOT bailiwick_is_taken('email_key', u.email_key)
"""


@cache
def is_detail(name: str) -> bool:
    """Whether the column stands in the customer's cold half."""
    return name not in {f.attname for f in Customer._meta.concrete_fields} | {
        f.name for f in Customer._meta.concrete_fields
    }


def _field(name: str) -> Any:
    return (CustomerDetail if is_detail(name) else Customer)._meta.get_field(name)


@dataclass(slots=True)
class Batch:
    """The rows of one chunk that passed every refusal; they are locked, and all writes commit with their outcomes."""

    job: Job
    actor: Actor
    action_event: str
    category: str
    params: Mapping[str, Any]
    now: datetime
    judge: Judge
    number: int
    size: int
    last: bool = True
    _judged: dict[int, Rows] | None = None
    fused: Fused | None = None
    _telling: Mapping[str, Any] = field(default_factory=dict)

    @property
    def judged(self) -> dict[int, Rows]:
        """The chunk's rows by verdict; the first look locks them."""
        if self.fused:
            raise LookupError("One statement has judged, changed and told: look at the rows before.")
        if self._judged is None:
            self._judged = self.judge.judge(self.place, gainer=self.params.get("partner"))
        return self._judged

    @property
    def place(self) -> dict[str, Any]:
        """Where the chunk stands, for statements of the engine."""
        return {"job": self.job.pk, "selection": self.job.selection_id, "number": self.number}

    @property
    def rows(self) -> Rows:
        """The rows that passed."""
        return self.judged.get(ALLOWED, Rows())

    @property
    def ids(self) -> list[int]:
        """The customers that passed."""
        return self.rows.ids

    def among(self, rows: Rows) -> Batch:
        """The same chunk, cut to some of the rows that passed."""
        return replace(self, _judged={ALLOWED: rows})

    def telling(self, **other: Any) -> Batch:
        """The same chunk whose events say something else of who did what."""
        return replace(self, _telling=other)

    def update(self, *, derived: Mapping[str, Any] | None = None, log: int | None = None, **values: Any) -> int:
        """Sets the same values on every row and writes one event a row, in one statement. Returns how many.

        `derived`: columns that follow from the values, such as normal forms; events leave them out.
        `log`: the partner in whose log it stands too where the customer had none before.
        """
        if self._judged is None and not derived and fits(self.judge, values):
            self.fused = fuse(self, values)
            return self.fused.changed
        if not self.rows.count:
            return 0
        statement, parameters = _update_statement(values, derived or {})
        with connection.cursor() as cursor:
            cursor.execute(statement, {**parameters, **self.event_parameters(), "ids": self.rows.array, "log": log})
            changed: int = cursor.rowcount
        if SEARCHED & values.keys():
            refresh_search(self.ids)
        return changed

    def end_access(self) -> None:
        """Ends the sign-ins of the customers' users: sessions and tokens die, user names become free."""
        with connection.cursor() as cursor:
            cursor.execute(END_ACCESS, {"ids": self.rows.array, "now": self.now})

    def give_back_users(self) -> None:
        """Brings back the users who left with their customer, where names are free; before the tombstone goes."""
        with connection.cursor() as cursor:
            cursor.execute(GIVE_BACK_USERS, {"ids": self.rows.array})

    def forget(self, name: str) -> None:
        """The job no longer holds this value: what was sent is kept by who got it."""
        with connection.cursor() as cursor:
            cursor.execute("UPDATE bailiwick_job SET params = params - %s WHERE id = %s", [name, self.job.pk])

    def event_parameters(self) -> dict[str, Any]:
        """What every event of this chunk has in common, for statements of the engine."""
        return {
            "now": self.now,
            "event": self.action_event,
            "category": self.category,
            "actor": self.actor.user_id,
            "actor_name": self.actor.name,
            "door": self.job.door,
            "address": self.job.address,
            "job": self.job.pk,
            **self._telling,
            "told": is_told(self.actor, self._telling.get("event", self.action_event)),
        }


def _update_statement(values: Mapping[str, Any], derived: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    columns = {name: _field(name) for name in values}
    parameters = {f"v_{name}": f.get_db_prep_save(values[name], connection) for name, f in columns.items()}
    hot = {name: f.column for name, f in columns.items() if not is_detail(name)}
    cold = {name: f.column for name, f in columns.items() if is_detail(name)}
    constant = all(isinstance(value, bool | int | str | None) for value in values.values()) and not cold
    if constant:
        parameters["after"] = json.dumps(dict(values))
    more = {name: _field(name) for name in derived}
    parameters |= {f"v_{name}": f.get_db_prep_save(derived[name], connection) for name, f in more.items()}
    statement = UPDATE.format(
        old=_json_object({**{n: f"c.{c}" for n, c in hot.items()}, **{n: f"d.{c}" for n, c in cold.items()}}),
        join="JOIN bailiwick_customerdetail d ON d.customer_id = c.id" if cold else "",
        assignments=_assignments(hot | {name: f.column for name, f in more.items()}),
        detail=DETAIL.format(assignments=_assignments(cold).rstrip(", ")) if cold else "",
        after="%(after)s::jsonb" if constant else _json_object(_casts(columns)),
    )
    return statement, parameters


def _json_object(columns: Mapping[str, str]) -> str:
    inner = ", ".join(f"'{name}', {column}" for name, column in columns.items())
    return f"jsonb_build_object({inner})"


def _assignments(columns: Mapping[str, str]) -> str:
    return "".join(f"{column} = %(v_{name})s, " for name, column in columns.items())


def _casts(columns: Mapping[str, Any]) -> dict[str, str]:
    return {name: f"%(v_{name})s::{field.db_type(connection).split(' COLLATE')[0]}" for name, field in columns.items()}


def refresh_search(ids: Sequence[int]) -> None:
    """Rewrites the search text of these customers; the normal form is Python's, so the rows come here (≤ one chunk)."""
    rows = Customer.objects.filter(pk__in=ids).values_list(
        "id", "name", "account_number", "domain", "detail__contact_name", "detail__city"
    )
    texts = [(pk, search_text(*parts)) for pk, *parts in rows]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE bailiwick_customersearch s SET text = t.text FROM unnest(%s::bigint[], %s::text[]) AS t(id, text) "
            "WHERE s.customer_id = t.id",
            [[pk for pk, _ in texts], [text for _, text in texts]],
        )
