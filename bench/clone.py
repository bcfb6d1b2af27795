"""clone.*: a large configuration copied to a new customer, beside the same rows into tables without index or key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone

from bailiwick.engine.configuration.clone import copy_to
from bailiwick.engine.configuration.keep import Draft, create
from bailiwick.engine.configuration.kinds import KINDS
from bailiwick.engine.insert import insert
from bailiwick.management.demo.bulk import load_bulk
from bailiwick.management.demo.places import Atlas
from bailiwick.models import ConfigurationObject, ConfigurationReference
from bench.figure import Figure, by_processor, milliseconds
from bench.measure import take_turns, timed
from bench.world import World, execute, settle

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT, FULL_MS, EACH_MS, BATCH = 1.8, 20, 18, 100
PROFILES, MODULES, MODULE_BYTES = 10, 12, 20_000
OTHERS = {"segment": 16, "dns-service": 200, "business-policy": 50, "firewall-rule": 100, "address-group": 1_000}
TABLES = ("configurationobject", "configurationreference")
BARE = """
DROP TABLE IF EXISTS bench_{table};
CREATE UNLOGGED TABLE bench_{table} AS SELECT * FROM bailiwick_{table} WHERE false;
ALTER TABLE bench_{table} SET LOGGED
"""
FLOOR = "INSERT INTO bench_{table} SELECT * FROM bailiwick_{table} WHERE customer_id = %s"


def run(world: World) -> Iterator[Figure]:
    """One clone, then a hundred in one transaction; what was copied goes again."""
    scale = 1 if world.size.judges else 20
    with connection.cursor() as cursor, transaction.atomic():
        source, *to = load_bulk(cursor, Atlas(), customers=BATCH + 1, edges=0)
    objects = _furnish(world, source, scale)
    for table in TABLES:
        execute(BARE.format(table=table))
    yield _one(world, source, to[0], objects)
    yield _many(source, to if world.size.judges else to[:3])
    execute("DELETE FROM bailiwick_customer WHERE id = ANY(%s)", [[source, *to]])
    execute("; ".join(f"DROP TABLE bench_{table}" for table in TABLES))


def _one(world: World, source: int, to: int, objects: int) -> Figure:
    def floor() -> None:
        with transaction.atomic():
            for table in TABLES:
                execute(FLOOR.format(table=table), [source])

    def ours() -> None:
        with transaction.atomic():
            copy_to(source, [to], asked=(), now=timezone.now())

    took = take_turns({"floor": floor, "ours": ours}, rounds=world.size.rounds * 3, before=lambda: _empty([to]))
    wall = took["ours"].wall_ms
    aim = f"{FULL_MS} ms for {objects:,} objects"
    return by_processor("clone.full", took["ours"], took["floor"], at_most=LIMIT, aim=aim, aim_met=wall <= FULL_MS)


def _many(source: int, to: list[int]) -> Figure:
    def ours() -> None:
        with transaction.atomic():
            copy_to(source, to, asked=(), now=timezone.now())

    _empty(to)
    wall, _cpu = timed(ours)
    each = wall / len(to)
    said = f"{milliseconds(each)} each"
    return Figure(f"clone.batch.{BATCH}", said, "", aim=f"{EACH_MS} ms each", aim_met=each <= EACH_MS)


def _empty(to: list[int]) -> None:
    execute("DELETE FROM bailiwick_configurationobject WHERE customer_id = ANY(%s)", [to])
    for table in TABLES:
        execute(f"TRUNCATE bench_{table}")
    settle(*TABLES)


def _furnish(world: World, source: int, scale: int) -> int:
    """What `performance.md` section 5 counts: 1,497 rows with 2.4 MB of JSON."""
    first = create(world.actor, source, KINDS["segment"], Draft("Global", {}), now=timezone.now())
    rows: list[dict[str, Any]] = []
    for _profile in range(max(PROFILES // scale, 1)):
        profile = _row(source, len(rows) + 2, "profile", {})
        rows.append(profile)
        body = {"values": {f"p{n}": _text(len(rows) + n) for n in range(MODULE_BYTES // 70)}}
        for _module in range(MODULES):
            rows.append(_row(source, len(rows) + 2, "properties", body, parent=profile["local_id"]))
    for kind, number in OTHERS.items():
        body = {"match": {"segment": first.local_id}, "note": _text(number)}
        for _each in range(max(number // scale, 1)):
            parent = 2 if KINDS[kind].within else None
            rows.append(_row(source, len(rows) + 2, kind, body, parent=parent))
    insert(ConfigurationObject, rows)
    naming = [row["local_id"] for row in rows if KINDS[row["kind"]].ordered]
    insert(
        ConfigurationReference,
        [{"customer_id": source, "from_id": each, "to_id": first.local_id} for each in naming],
    )
    return len(rows) + 1


def _row(source: int, local_id: int, kind: str, body: dict[str, Any], parent: int | None = None) -> dict[str, Any]:
    name = f"{kind} {local_id}"
    about = {"customer_id": source, "local_id": local_id, "kind": kind, "parent_id": parent, "name": name}
    more = {"name_key": name, "position": 0, "body": body, "blocker": "", "version": 1}
    return {**about, **more, "updated_at": timezone.now()}


def _text(number: int) -> str:
    """As settings are: much the same again and again, a number here and there."""
    return f"interface GE{number % 8} routed, vlan {number * 7 % 4094}, mtu 1500, overlay on"
