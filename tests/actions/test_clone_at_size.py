"""Clone Customer at the size of the issue: each object compared, the source untouched, nothing else of it."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from django.db import connection

from bailiwick.access import tokens
from bailiwick.actions import MENU
from bailiwick.engine.configuration.edges import configure
from bailiwick.engine.configuration.kinds import MODULES
from bailiwick.engine.submit import submit
from bailiwick.models import (
    ActivationKey,
    ConfigurationObject,
    ConfigurationReference,
    Customer,
    DeviceCertificate,
    Edge,
    Job,
    User,
)
from tests.configured import add
from tests.world import NOW, World

SIZE = {"profiles": 10, "modules": 12, "segments": 16, "services": 200, "rules": 100, "groups": 1_000}
OWNED = """
SELECT table_name FROM information_schema.columns
WHERE table_schema = 'public' AND column_name = 'customer_id' AND table_name LIKE 'bailiwick%' ORDER BY table_name
"""
# What a copy is: as it was written, but for whose it is and when.
SAID = ("local_id", "kind", "parent_id", "name", "name_key", "position", "body", "blocker", "edge_id")


class Furnished:
    """A customer with so much of each; everything names something."""

    def __init__(self, world: World, scale: int) -> None:
        self.actor, self.customer = world.actor(world.olga), world.contoso
        few = {name: max(number // scale, 2) for name, number in SIZE.items()}
        self.segments = [self.add("segment", {"service_vlan": 1 + n}, n) for n in range(few["segments"])]
        half = range(few["services"] // 2)
        self.dns = [self.add("dns-service", {"servers": [f"10.0.{n}.53"]}, n) for n in half]
        self.networks = [self.add("private-network-name", {"description": f"Net {n}"}, n) for n in half]
        half = range(few["groups"] // 2)
        address = [{"addresses": [{"address": f"10.1.{n % 256}.{n // 256}", "prefix": 24}]} for n in half]
        self.addresses = [self.add("address-group", body, n) for n, body in enumerate(address)]
        self.ports = [self.add("port-group", {"ranges": [{"protocol": "TCP", "from": 1 + n}]}, n) for n in half]
        self.profiles = [self.add("profile", {"description": f"Profile {n}"}, n) for n in range(few["profiles"])]
        for number, profile in enumerate(self.profiles):
            for n in range(few["modules"]):
                self.add(MODULES[n % len(MODULES)], self.module(MODULES[n % len(MODULES)], number + n), n, profile)
        for n in range(few["rules"]):
            self.add(
                "firewall-rule" if n % 2 else "business-policy", self.rule(n), n, self.profiles[n % len(self.profiles)]
            )

    def add(self, kind: str, body: Any, number: int, parent: int | None = None) -> int:
        more = {"parent_id": parent} if parent else {}
        return add(self.actor, self.customer, kind, body, name=f"{kind} {number:04d}", **more)

    def module(self, kind: str, number: int) -> dict[str, Any]:
        used = {"segment": at(self.segments, number), "dns_service": at(self.dns, number)}
        return {
            "device-settings": {"segments": [{**used, "private_network": at(self.networks, number)}]},
            "analytics": {"segments": sorted({at(self.segments, number), at(self.segments, number + 1)})},
            "properties": {"values": {f"p{each}": "x" * 20 for each in range(number)}},
            "firewall": {"logging": number % 2 == 0},
        }.get(kind, {})

    def rule(self, number: int) -> dict[str, Any]:
        match = {"segment": at(self.segments, number), "source_group": at(self.addresses, number)}
        match["destination_ports"] = at(self.ports, number)
        return {"match": match, "action": "DENY"} if number % 2 else {"match": match, "priority": "HIGH"}


def at(some: list[int], number: int) -> int:
    return some[number % len(some)]


def objects(customer: Customer) -> list[tuple[Any, ...]]:
    mine = ConfigurationObject.objects.filter(customer=customer)
    return list(mine.order_by("local_id").values_list(*SAID))


def references(customer: Customer) -> set[tuple[int, int]]:
    return set(ConfigurationReference.objects.filter(customer=customer).values_list("from_id", "to_id"))


def owned(customer: Customer) -> str:
    """Each row of each table that belongs to the customer, as text."""
    told = []
    with connection.cursor() as cursor:
        cursor.execute(OWNED)
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT '{table}', to_jsonb(t)::text FROM {table} t WHERE customer_id = %s", [customer.pk])
            told += sorted("".join(row) for row in cursor.fetchall())
        cursor.execute("SELECT to_jsonb(t)::text FROM bailiwick_customer t WHERE id = %s", [customer.pk])
        told += [row[0] for row in cursor.fetchall()]
    return "\n".join(told)


def identities(world: World) -> list[str]:
    """What tells the source, its edges and its people from others, and their secrets."""
    edges = [*world.edges(world.contoso)]
    owner = {"customer_id": world.contoso.pk, "partner_id": world.contoso.partner_id}
    for edge in edges:
        dates = {"issued_at": NOW, "not_after": NOW}
        DeviceCertificate.objects.create(edge=edge, fingerprint=f"print-{edge.pk}", **dates, **owner)
        ActivationKey.objects.create(edge=edge, key_hash=f"hash-{edge.pk}", created_at=NOW, expires_at=NOW, **owner)
    Edge.objects.filter(pk=edges[0].pk).update(serial_number="SERIAL-OF-THE-SOURCE")
    secret = tokens.create(world.actor(world.carla), world.carla, name="script", now=NOW)
    people = User.objects.filter(customer=world.contoso)
    found = [str(world.contoso.logical_id), world.contoso.name, world.contoso.domain, secret, "SERIAL-OF-THE-SOURCE"]
    found += [
        text for edge in edges for text in (str(edge.logical_id), edge.name, f"print-{edge.pk}", f"hash-{edge.pk}")
    ]
    found += [text for user in people for text in (user.email, str(user.logical_id), user.password)]
    return [text for text in found if text]


def clone(world: World, scale: int) -> Customer:
    """Clones, and compares all that was there with all that is there now."""
    made = Furnished(world, scale)
    edge = world.edges(world.contoso)[0]
    own = {"analytics": {"segments": made.segments[:1]}}
    configure(made.actor, edge.pk, profile_id=made.profiles[0], overrides=own, version=None, now=NOW)
    source, before = identities(world), hashlib.sha256(owned(world.contoso).encode()).hexdigest()
    raw = {"name": "Tailspin", "account_number": "T-1", "template": world.contoso.pk}
    job: Job = submit(made.actor, MENU["clone-customer"], raw=raw, now=NOW)
    assert job.state == "done", job.error
    copy = Customer.objects.get(pk=job.result["id"])
    assert job.result["left_out"] == {"edge-settings": 1}
    kept = [row for row in objects(world.contoso) if row[1] != "edge-settings"]
    assert objects(copy) == kept
    of_edges = {row[0] for row in objects(world.contoso) if row[1] == "edge-settings"}
    assert references(copy) == {pair for pair in references(world.contoso) if pair[0] not in of_edges}
    assert references(copy)
    assert hashlib.sha256(owned(world.contoso).encode()).hexdigest() == before
    said = owned(copy)
    assert [text for text in source if text in said] == []
    return copy


def test_clo_03_clo_10_a_copy_has_each_object_and_nothing_that_tells_whose_it_was(world: World) -> None:
    copy = clone(world, scale=20)
    assert not Edge.objects.filter(customer=copy).exists()


@pytest.mark.slow
def test_clo_03_clo_10_the_same_with_ten_profiles_of_twelve_modules_and_a_thousand_groups(world: World) -> None:
    copy = clone(world, scale=1)
    assert len(objects(copy)) == 10 + 10 * 12 + 16 + 200 + 100 + 1_000
