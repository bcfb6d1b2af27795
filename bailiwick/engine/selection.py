"""Which customers: ticked ids, all that match a filter, or a ticket that froze either before."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bailiwick.access.scope import customers_for, deleted_customers_for, selections_for
from bailiwick.access.wall import place_of
from bailiwick.engine.action import Create, Reach
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.listing.filters import matching
from bailiwick.models import CHUNK, Customer, Selection

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor
    from bailiwick.engine.action import Action, Change

TICKET_LIFE = timedelta(days=7)
MOST_IDS = 100_000
SHOWN_IDS = 10
SHOWN_GONE = 20
MANY = 5 * CHUNK
EMPTY: tuple[object, ...] = (None, "", [])

# Sorted once into one array, and cut: grouping the rows again by chunk took longer than finding them.
FREEZE = f"""
WITH chosen AS MATERIALIZED (SELECT array_agg(id ORDER BY id) AS ids FROM ({{query}}) AS found),
chunks AS (
  INSERT INTO bailiwick_selectionchunk (selection_id, number, customer_ids)
  SELECT %s, number, ids[number * {CHUNK} + 1 : (number + 1) * {CHUNK}]
  FROM chosen, generate_series(0, (cardinality(ids) - 1) / {CHUNK}) AS number
)
UPDATE bailiwick_selection SET
  count = coalesce(cardinality(ids), 0),
  digest = encode(sha256(coalesce(array_to_string(ids, ','), '')::bytea), 'hex')
FROM chosen WHERE id = %s RETURNING count, digest
"""


def freeze(actor: Actor, action: Change | Create, select: object, *, now: datetime, partly: bool = False) -> Selection:
    """Turns `{"ids": …}`, `{"matching": …}` or `{"ticket": …}` into a frozen selection of the actor's own rows.

    Raises InvalidParams where the selection is malformed, empty, expired, or too large for the action's reach, and
    where some of the ids are not there; `partly`: who asks tells his user himself which were left out.
    """
    kind, value = _parse(select)
    with action.within(place_of(actor)):
        if kind == "ticket":
            selection = by_ticket(actor, value, now)
        else:
            selection = _freeze(actor, action.rows(actor), kind, value, now, partly=partly)
        _require_reach(action, selection.count)
        if action.reach is Reach.ONE:
            _require_open(actor, action, selection)
    return selection


def completed(
    actor: Actor, action: Action, select: object, raw: Mapping[str, Any], *, now: datetime
) -> Mapping[str, Any]:
    """The values, with the one selected customer in its field, where the action takes it so. Raises InvalidParams."""
    if not isinstance(action, Create) or not action.template or select is None:
        return raw
    actor.require(action.permission)
    selection = freeze(actor, action, select, now=now)
    selected = among(action.rows(actor), selection).values_list("pk", flat=True)[0]
    given = raw.get(action.template)
    if given and str(given) != str(selected):
        message = _("Another customer is selected than the one that is named here.")
        raise InvalidParams.one(action.template, "not_selected", message)
    return {**raw, action.template: selected}


def _parse(select: object) -> tuple[str, Any]:
    if not isinstance(select, dict) or len(select) != 1:
        raise _wrong("select_shape", _("Give one of ids, matching or ticket."))
    kind, value = next(iter(select.items()))
    fits = _is_id_list(value) if kind == "ids" else isinstance(value, {"matching": dict, "ticket": str}.get(kind, ()))
    if not fits:
        ids = _("Give ids as a list of whole numbers, 100,000 at most.")
        raise _wrong("select_shape", ids if kind == "ids" else _("Give one of ids, matching or ticket."))
    if kind == "matching":
        _refuse_empty(value)
    return kind, value


def _refuse_empty(filters: Mapping[str, Any]) -> None:
    """A list may leave a field of its page empty; a script whose variable is empty must not reach every customer."""
    empty = [name for name, value in filters.items() if value in EMPTY or not str(value).strip()]
    if empty:
        message = _("This filter is empty. Give a value, or leave it out.")
        raise InvalidParams({name: [{"code": "empty_filter", "message": message}] for name in empty})


def _is_id_list(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= MOST_IDS
        and all(type(item) is int and 0 < item < 2**63 for item in value)
    )


def by_ticket(actor: Actor, ticket: str, now: datetime) -> Selection:
    """Finds one of the actor's own frozen selections. Raises InvalidParams where it is unknown or has expired."""
    try:
        logical_id = uuid.UUID(ticket)
    except ValueError:
        raise _wrong("select_unknown", _("There is no such selection.")) from None
    selection = selections_for(actor).filter(logical_id=logical_id).first()
    if selection is None:
        raise _wrong("select_unknown", _("There is no such selection."))
    if selection.expires_at < now:
        raise _wrong("select_expired", _("This selection has expired. Select the customers again."))
    return selection


def freeze_living(actor: Actor, select: object, *, now: datetime) -> Selection:
    """Freezes living customers before an action is chosen. Raises InvalidParams where the selection is malformed."""
    kind, value = _parse(select)
    return by_ticket(actor, value, now) if kind == "ticket" else _freeze(actor, customers_for(actor), kind, value, now)


def _freeze(
    actor: Actor, rows: QuerySet[Customer], kind: str, value: Any, now: datetime, *, partly: bool = False
) -> Selection:
    if kind == "matching":
        rows = rows.filter(pk__in=matching(actor, value).values("pk")) if value else rows
        return freeze_rows(actor, rows, matching=value, now=now)
    rows = rows.filter(id__in=value)
    with transaction.atomic():
        selection = freeze_rows(actor, rows, now=now)
        if not partly and 0 < selection.count < len(set(value)):
            raise _missing(sorted({*value} - {*rows.values_list("pk", flat=True)}))
    return selection


def _missing(ids: Sequence[int]) -> InvalidParams:
    """The same for ids that were never given, that are deleted, and that are another's."""
    shown = ", ".join(map(str, ids[:SHOWN_IDS])) + (", …" if len(ids) > SHOWN_IDS else "")
    message = ngettext(
        "There is no customer with the id %(ids)s.",
        "There are no customers with these %(count)s ids: %(ids)s.",
        len(ids),
    )
    return _wrong("select_missing", message % {"ids": shown, "count": len(ids)})


def freeze_rows(
    actor: Actor, rows: QuerySet[Customer], *, now: datetime, matching: Mapping[str, Any] | None = None
) -> Selection:
    """Freezes the ids of a queryset, in one statement."""
    with transaction.atomic():
        selection = Selection.objects.create(
            user_id=actor.user_id, created_at=now, expires_at=now + TICKET_LIFE, matching=matching
        )
        query, parameters = _statement(rows)
        with connection.cursor() as cursor:
            cursor.execute(FREEZE.format(query=query), [*parameters, selection.pk, selection.pk])
            selection.count, selection.digest = cursor.fetchone()
    return selection


def _statement(rows: QuerySet[Customer]) -> tuple[str, tuple[Any, ...]]:
    try:
        return rows.order_by().values("id").query.sql_with_params()
    except EmptyResultSet:  # no id was ticked: Django knows the answer, and the ticket is empty like any other
        return "SELECT id FROM bailiwick_customer WHERE false", ()


def _require_reach(action: Change | Create, count: int) -> None:
    if count == 0:
        raise _wrong("select_empty", _("No customer is selected, or none of them exists any more."))
    if action.reach is Reach.ONE and count != 1:
        raise _wrong("select_one", _("Select one customer only."))


def _require_open(actor: Actor, action: Change | Create, selection: Selection) -> None:
    """What is done with one customer shows its facts: not to a side that it did not let in."""
    let_in = action.is_let_in(actor)
    if let_in and among(action.rows(actor), selection).exclude(let_in).exists():
        partner = _("This customer has not given its partner access. Only the customer itself can give it.")
        operator = _("This customer has withdrawn operator access. Only it or its partner can give it back.")
        message = operator if actor.is_operator else partner
        raise InvalidParams.one("select", "access_withdrawn", message, status=409)


def among(rows: QuerySet[Customer], selection: Selection, *, first_chunk: bool = False) -> QuerySet[Customer]:
    """Cuts rows to the selected ones, or to the first 1,000 of them."""
    ids = "SELECT unnest(customer_ids) FROM bailiwick_selectionchunk WHERE selection_id = %s AND number <= %s"
    last = 0 if first_chunk else selection.count
    return rows.filter(pk__in=RawSQL(ids, [selection.pk, last]))  # noqa: S611 -- the text is a constant


class LeftOut(NamedTuple):
    """Ticked customers that a selection does not hold: how many, the first names that are known, and of how many."""

    number: int
    names: Sequence[tuple[str, bool]]
    others: int


def left_out(actor: Actor, selection: Selection, ids: Collection[int]) -> LeftOut:
    """Deleted or handed on since they were ticked; a name is known of what is in the actor's portal, deleted or not."""
    if (count := len(set(ids)) - selection.count) <= 0:
        return LeftOut(0, (), 0)
    held = among(Customer.objects.all(), selection).values("pk")
    portal = (rows(actor).filter(pk__in=ids).exclude(pk__in=held) for rows in (deleted_customers_for, customers_for))
    known = [row for rows in portal for row in rows.order_by("name_key").values_list("name", "deleted_at")[:SHOWN_GONE]]
    names = [(name, deleted_at is not None) for name, deleted_at in known[:SHOWN_GONE]]
    return LeftOut(count, names, count - len(names))


@contextmanager
def planned_for(selection: Selection) -> Iterator[None]:
    """The planner cannot know how many ids the arrays hold; for many rows it must not look each one up."""
    with transaction.atomic(), connection.cursor() as cursor:
        if selection.count > MANY:
            cursor.execute("SET LOCAL enable_nestloop = off")
        yield
        cursor.execute("SET LOCAL enable_nestloop = on")


def _wrong(code: str, message: str) -> InvalidParams:
    return InvalidParams.one("select", code, message)
