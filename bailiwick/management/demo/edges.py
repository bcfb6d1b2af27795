"""The invented edges: few customers have hundreds, most a handful; nearly all of them work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate
from typing import TYPE_CHECKING

from bailiwick.management.demo.load import Row, copy_rows, reserve_ids
from bailiwick.management.demo.network import logical_id

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

    from django.db.backends.utils import CursorWrapper

    from bailiwick.management.demo.customers import Made
    from bailiwick.management.demo.places import Atlas, City

MODELS = {
    "edge510": 30,
    "edge610lte": 18,
    "edge520": 12,
    "edge640": 12,
    "edge680": 8,
    "edge840": 6,
    "edge3400": 4,
    "virtual": 10,
}
KINDS = ("branch", "store", "office", "depot", "plant", "warehouse")
# What an activated edge of a healthy customer is now, and what one is where a carrier has a bad day.
USUAL = {"CONNECTED": 940, "DEGRADED": 30, "OFFLINE": 18, "DISABLED": 8, "EXPIRED": 4}
BAD_DAY = {"CONNECTED": 55, "DEGRADED": 25, "OFFLINE": 20}
BAD_DAY_SHARE, STARTING_SHARE, EMPTY_SHARE, UNACTIVATED_SHARE = 0.03, 0.02, 0.05, 0.03
STARTING_DAYS = 21


@dataclass(frozen=True, slots=True)
class Placed:
    """What events need to know of an edge."""

    name: str
    state: str
    last_contact_at: datetime | None
    customer: Made


def load_edges(
    cursor: CursorWrapper, chance: Random, atlas: Atlas, customers: list[Made], *, count: int, now: datetime
) -> list[Placed]:
    """Writes exactly `count` edges; the triggers of the table count them for their customers."""
    ids = iter(reserve_ids(cursor, "edge", count))
    rows = []
    placed = []
    for customer, edges in zip(customers, _shares(chance, customers, count), strict=True):
        odds = _odds(chance, customer, now)
        for number in range(1, edges + 1):
            city = customer.city if number == 1 else atlas.near(chance, customer.city)
            row = _edge(next(ids), chance, customer, number=number, city=city, odds=odds, now=now)
            rows.append(row)
            placed.append(Placed(row["name"], row["state"], row["last_contact_at"], customer))
    copy_rows(cursor, "edge", rows)
    return placed


def _shares(chance: Random, customers: list[Made], count: int) -> list[int]:
    """Splits `count` among the customers by log-normal weights, to the edge exactly; some have none."""
    weights = [0.0 if chance.random() < EMPTY_SHARE else chance.lognormvariate(0, 1.25) for _ in customers]
    bounds = [round(running * count / sum(weights)) for running in accumulate(weights)]
    return [high - low for low, high in zip([0, *bounds], bounds, strict=False)]


def _odds(chance: Random, customer: Made, now: datetime) -> dict[str, int]:
    if now - customer.created_at < timedelta(days=STARTING_DAYS) or chance.random() < STARTING_SHARE:
        return {"NEVER_ACTIVATED": 70, "CONNECTED": 30}
    if chance.random() < BAD_DAY_SHARE:
        return BAD_DAY
    return USUAL | {"NEVER_ACTIVATED": int(UNACTIVATED_SHARE * 1000)}


def _edge(
    edge: int, chance: Random, customer: Made, *, number: int, city: City, odds: dict[str, int], now: datetime
) -> Row:
    state = chance.choices(list(odds), weights=list(odds.values()))[0]
    kind = "hq" if number == 1 else chance.choice(KINDS)
    name = f"{city.name} {kind} {number:03d}"
    created = customer.created_at + (now - customer.created_at) * chance.random() * 0.9
    return {
        "id": edge,
        "logical_id": logical_id(chance),
        "customer_id": customer.id,
        "partner_id": customer.partner_id,
        "name": name,
        # Names of cities hold nothing that the normal form would fold but case; the number keeps them apart.
        "name_key": " ".join(name.casefold().split()),
        "state": state,
        **_hardware(chance, customer, state=state, created=created, now=now),
        "city": city.name,
        "country": city.country,
        "latitude": round(city.latitude + chance.uniform(-0.05, 0.05), 5),
        "longitude": round(city.longitude + chance.uniform(-0.05, 0.05), 5),
        "alerts_enabled": customer.alerts_enabled,
        "operator_alerts_enabled": customer.operator_alerts_enabled,
        "created_at": created,
    }


def _hardware(chance: Random, customer: Made, *, state: str, created: datetime, now: datetime) -> Row:
    model = chance.choices(list(MODELS), weights=list(MODELS.values()))[0]
    if state == "NEVER_ACTIVATED":
        activation = "UNASSIGNED" if chance.random() < 0.3 else "PENDING"
        return dict.fromkeys(STAMPS) | {
            "activation_state": activation,
            "serial_number": "",
            "ha_serial_number": "",
            "model": model,
            "software_version": "",
        }
    activated = created + (now - created) * 0.1 * chance.random()
    return {
        "activation_state": "REACTIVATION_PENDING" if chance.random() < 0.004 else "ACTIVATED",
        "activated_at": activated,
        "serial_number": _serial(chance),
        "ha_serial_number": _serial(chance) if chance.random() < 0.12 else "",
        "model": model,
        "software_version": customer.version,
        "software_updated_at": activated + (now - activated) * chance.random(),
        "last_contact_at": now - _silence(chance, state),
    }


STAMPS = ("activated_at", "software_updated_at", "last_contact_at")


def _silence(chance: Random, state: str) -> timedelta:
    if state in ("CONNECTED", "DEGRADED"):
        return timedelta(seconds=30 * chance.random())
    return timedelta(hours=0.1 + 24 * chance.expovariate(0.4))


def _serial(chance: Random) -> str:
    return "".join(chance.choices("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", k=12))
