"""What happened in the last weeks at the invented provider."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from bailiwick.management.demo.load import Row, copy_rows

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

    from django.db.backends.utils import CursorWrapper

    from bailiwick.management.demo.customers import Made
    from bailiwick.management.demo.edges import Placed

WEEKS = 6
SWITCHED_SHARE, FLAPPED_SHARE = 0.25, 0.08
OPERATORS = ("Ines Falkner", "Jonas Verhoeven", "Priya Sandoval", "Tove Lindqvist")
DOORS = {"web": 80, "api": 15, "shell": 5}
FLAGS = {"CUSTOMER_ALERTS_UPDATED": "alerts_enabled", "OPERATOR_ALERTS_UPDATED": "operator_alerts_enabled"}


def load_events(
    cursor: CursorWrapper, chance: Random, customers: list[Made], edges: list[Placed], *, now: datetime
) -> None:
    """Writes events that agree with the present state of customers and edges, oldest first."""
    rows = [*_made(chance, customers, now), *_switched(chance, customers, now), *_silent(chance, edges, now)]
    rows.sort(key=lambda row: (row["at"], row["customer_id"], row["name"]))
    if rows:
        copy_rows(cursor, "event", rows)


def _made(chance: Random, customers: list[Made], now: datetime) -> list[Row]:
    recent = [customer for customer in customers if now - customer.created_at < timedelta(weeks=WEEKS)]
    return [
        _by_operator(
            chance, customer, "CREATE_ENTERPRISE", at=customer.created_at, before=None, after={"name": customer.name}
        )
        for customer in recent
    ]


def _switched(chance: Random, customers: list[Made], now: datetime) -> list[Row]:
    rows = []
    for customer in customers:
        if chance.random() >= SWITCHED_SHARE:
            continue
        name = chance.choice(list(FLAGS))
        value = getattr(customer, FLAGS[name])
        since = max(customer.created_at, now - timedelta(weeks=WEEKS))
        at = since + (now - since) * chance.random()
        changes = {"before": {FLAGS[name]: not value}, "after": {FLAGS[name]: value}}
        rows.append(_by_operator(chance, customer, name, at=at, **changes))
    return rows


def _silent(chance: Random, edges: list[Placed], now: datetime) -> list[Row]:
    rows = []
    for edge in edges:
        if edge.state == "OFFLINE" and edge.last_contact_at:
            rows.append(_of_edge(edge, "EDGE_DOWN", at=edge.last_contact_at + timedelta(seconds=60)))
        elif edge.state == "CONNECTED" and chance.random() < FLAPPED_SHARE:
            down = max(edge.customer.created_at, now - timedelta(weeks=WEEKS)) + timedelta(minutes=1)
            down += (now - timedelta(hours=4) - down) * chance.random()
            rows.append(_of_edge(edge, "EDGE_DOWN", at=down))
            rows.append(_of_edge(edge, "EDGE_UP", at=down + timedelta(minutes=chance.randint(2, 200))))
    return rows


def _by_operator(
    chance: Random, customer: Made, name: str, *, at: datetime, before: Row | None, after: Row | None
) -> Row:
    return _event(customer, name, at=at, before=before, after=after) | {
        "actor_name": chance.choice(OPERATORS),
        "door": chance.choices(list(DOORS), weights=list(DOORS.values()))[0],
        "address": f"198.51.100.{chance.randint(1, 250)}",
    }


def _of_edge(edge: Placed, name: str, *, at: datetime) -> Row:
    states = ("CONNECTED", "OFFLINE") if name == "EDGE_DOWN" else ("OFFLINE", "CONNECTED")
    event = _event(edge.customer, name, at=at, before={"state": states[0]}, after={"state": states[1]})
    severity = "ERROR" if name == "EDGE_DOWN" else "INFO"
    return event | {"category": "EDGE", "severity": severity, "subject": f"{edge.customer.name} · {edge.name}"[:255]}


def _event(customer: Made, name: str, *, at: datetime, before: Row | None, after: Row | None) -> Row:
    return {
        "at": at,
        "name": name,
        "category": "CONFIGURATION",
        "severity": "INFO",
        "actor_id": None,
        "actor_name": "edge monitor",
        "door": "device",
        "address": "",
        "job_id": None,
        "partner_id": customer.partner_id if customer.partner_access else None,
        "customer_id": customer.id,
        "subject": customer.name,
        "before": None if before is None else json.dumps(before),
        "after": None if after is None else json.dumps(after),
    }
