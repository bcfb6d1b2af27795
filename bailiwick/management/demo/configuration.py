"""The invented configurations: three profiles with their parts, segments, services, groups; some that cannot be cloned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bailiwick.engine.configuration.clone import copy_to
from bailiwick.engine.configuration.kinds import KINDS
from bailiwick.engine.configuration.schema import references
from bailiwick.engine.insert import insert
from bailiwick.models import ConfigurationObject, ConfigurationReference
from bailiwick.models.text import name_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from django.db.backends.utils import CursorWrapper

    from bailiwick.management.demo.customers import Made

SEGMENTS: dict[str, dict[str, Any]] = {
    "Global segment": {"type": "REGULAR"},
    "Guests": {"type": "PRIVATE", "service_vlan": 30},
    "Card payments": {"type": "CDE", "service_vlan": 40},
}
DNS = {"type": "PRIVATE", "servers": ["10.10.0.53", "10.10.1.53"], "domains": ["corp.example"]}
CALLS = {"match": {"application": "voice"}, "service_class": "REALTIME", "priority": "HIGH"}
BACKUP = {"match": {"application": "backup"}, "service_class": "BULK", "priority": "LOW"}
INTERFACES = [{"name": "GE1"}, {"name": "GE2", "wan_overlay": False}]
# Every so often a customer has what keeps it from being a template.
HINDRANCES = """
INSERT INTO bailiwick_configurationobject
  (customer_id, partner_id, local_id, kind, name, name_key, body, blocker, updated_at)
SELECT c.id, c.partner_id, %(rest)s + 900, %(kind)s, %(name)s, lower(%(name)s), %(body)s::jsonb, %(blocker)s, %(now)s
FROM bailiwick_customer c WHERE c.id = ANY(%(ids)s) AND c.id %% %(every)s = %(rest)s
"""
# Each edge has one of the three profiles, by its own number; one in nine says something itself.
EDGES = """
INSERT INTO bailiwick_configurationobject
  (customer_id, partner_id, local_id, kind, parent_id, edge_id, name, name_key, body, updated_at)
SELECT e.customer_id, e.partner_id, 1000 + row_number() OVER (PARTITION BY e.customer_id ORDER BY e.id),
  'edge-settings', (ARRAY[100, 200, 300])[1 + e.id %% 3], e.id, e.name, e.name_key,
  CASE WHEN e.id %% 9 = 0 THEN '{"firewall": {"syslog_forwarding": true}}' ELSE '{}' END::jsonb, %(now)s
FROM bailiwick_edge e
"""
HINDERED = (
    ("cloud-security-service", "Web gateway", '{"primary": "swg.example", "tunnel": "IPSEC"}', 11, 3),
    ("non-sdwan-destination", "Old data centre", '{"primary": "203.0.113.9"}', 17, 5),
)


def load_configuration(cursor: CursorWrapper, made: Sequence[Made], *, now: datetime) -> None:
    """The first customer gets it, the others get copies; set-based."""
    first, *others = made
    owner = {"customer_id": first.id, "partner_id": first.partner_id}
    objects = list(_objects())
    insert(ConfigurationObject, [{**row, **owner, "version": 1, "blocker": "", "updated_at": now} for row in objects])
    named = [(row["local_id"], each.to) for row in objects for each in references(row["kind"], row["body"])]
    insert(ConfigurationReference, [{**owner, "from_id": a, "to_id": b} for a, b in sorted(set(named))])
    copy_to(first.id, [customer.id for customer in others], asked=(), now=now)
    for kind, name, body, every, rest in HINDERED:
        about: dict[str, Any] = {"kind": kind, "name": name, "body": body, "every": every, "rest": rest, "now": now}
        cursor.execute(HINDRANCES, {**about, "ids": [each.id for each in made], "blocker": KINDS[kind].blocker})
    cursor.execute(EDGES, {"now": now})


def _objects() -> Iterator[dict[str, Any]]:
    plain: list[tuple[str, str, dict[str, Any]]] = [
        *(("segment", name, body) for name, body in SEGMENTS.items()),
        ("dns-service", "Head office DNS", DNS),
    ]
    plain += [("address-group", "Head office", {"addresses": [{"address": "10.10.0.0", "prefix": 16}]})]
    plain += [("port-group", "Web", {"ranges": [{"protocol": "TCP", "from": 80}, {"protocol": "TCP", "from": 443}]})]
    for local_id, (kind, name, body) in enumerate(plain, 1):
        yield _object(local_id, kind, name, body)
    for number, name in enumerate(("Large site", "Small site", "Shop")):
        profile = 100 * (number + 1)
        yield _object(profile, "profile", name, {})
        for offset, (kind, called, body) in enumerate(_parts(), 1):
            yield _object(profile + offset, kind, called, body, parent=profile, position=offset)


def _parts() -> Iterator[tuple[str, str, dict[str, Any]]]:
    used = [{"segment": number, "dns_service": len(SEGMENTS) + 1, "cloud_vpn": True} for number in (1, 2, 3)]
    yield "device-settings", "Device settings", {"segments": used, "interfaces": INTERFACES}
    yield "firewall", "Firewall", {"enabled": True, "stateful": True, "logging": True}
    yield "business-policy", "Calls first", CALLS
    yield "business-policy", "Backups last", BACKUP
    rule = {"match": {"segment": 2, "destination_group": len(SEGMENTS) + 2}, "action": "DENY", "log": True}
    yield "firewall-rule", "Guests stay out", rule


def _object(
    local_id: int, kind: str, name: str, body: dict[str, Any], *, parent: int | None = None, position: int = 0
) -> dict[str, Any]:
    about = {"local_id": local_id, "kind": kind, "parent_id": parent, "position": position}
    return {**about, "name": name, "name_key": name_key(name), "body": body}
