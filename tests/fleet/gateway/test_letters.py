"""Who is told by mail that a gateway is quiesced: partners and direct customers, each superuser once (domain 12.4)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bailiwick.fleet.gateway import letters, quiescing
from bailiwick.models import Gateway, GatewayPool, OutboxMessage
from tests.api.test_gateways import gateway
from tests.world import NOW, World


def quiesce(world: World) -> Gateway:
    old, new = gateway(world, "gw-old"), gateway(world, "gw-new")
    deadline = NOW + timedelta(days=30)
    return quiescing.quiesce(world.actor(world.olga), old.pk, replacement=new, deadline=deadline, now=NOW)


def addresses() -> list[str]:
    return sorted(mail.payload["to"] for mail in OutboxMessage.objects.all())


@pytest.fixture
def direct(world: World) -> None:
    """A customer without a partner, one with another pool, and people who are no superusers."""
    own = world.customer("Direct")
    world.user("dora@direct.example", "customer", "customer-superuser", customer=own)
    world.user("dan@direct.example", "customer", "customer-support", customer=own)
    far = world.customer("Far away")
    pool = GatewayPool.objects.create(name="Far", name_key="far")
    type(far).objects.filter(pk=far.pk).update(gateway_pool=pool)
    world.user("fay@far.example", "customer", "customer-superuser", customer=far)


@pytest.mark.usefixtures("direct")
def test_partners_and_direct_customers_of_its_pools_are_told_once(world: World) -> None:
    row = quiesce(world)
    assert (letters.write(NOW), letters.write(NOW)) == (2, 0)
    assert addresses() == ["dora@direct.example", "pia@acme.example"]
    row.refresh_from_db()
    assert row.letters_after is None


@pytest.mark.usefixtures("direct")
def test_many_letters_are_written_in_parts_and_none_twice(world: World, monkeypatch) -> None:
    monkeypatch.setattr(letters, "AT_ONCE", 1)
    quiesce(world)
    assert [letters.write(NOW) for _turn in range(4)] == [1, 1, 0, 0]
    assert addresses() == ["dora@direct.example", "pia@acme.example"]


def test_who_takes_it_back_at_once_writes_to_nobody(world: World) -> None:
    row = quiesce(world)
    quiescing.resume(world.actor(world.olga), row.pk, now=NOW)
    assert letters.write(NOW) == 0
    assert addresses() == []


def test_a_name_with_line_breaks_makes_no_header_and_the_text_stays_sealed(world: World) -> None:
    row = quiesce(world)
    Gateway.objects.filter(pk=row.pk).update(name="gw\r\nBcc: all@example.com")
    assert letters.write(NOW) == 1
    [mail] = OutboxMessage.objects.all()
    assert (mail.payload["subject"], "sealed" in mail.payload) == ("A gateway is replaced", True)
