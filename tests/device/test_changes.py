"""Whatever the answer to a heartbeat is made of is told at the commit, and nothing else is."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import psycopg
from django.db import connection
from django.utils import timezone

from bailiwick.fleet.changes import CHANNEL, Changes
from bailiwick.fleet.liveness import follow
from bailiwick.models import (
    ConfigurationObject,
    Customer,
    DeviceCertificate,
    Edge,
    Gateway,
    GatewayPool,
    OperatorProfile,
)
from tests.device.caller import activated
from tests.device.conftest import provisioned
from tests.processes import lasting_world  # noqa: F401
from tests.world import World


def test_what_concerns_a_heartbeat_is_told_at_the_commit_and_nothing_else(
    lasting_world: World,  # noqa: F811
    home: Any,
) -> None:
    world = lasting_world
    made = provisioned(world)
    device = activated(made)
    mine, customer = Edge.objects.filter(pk=made.edge.pk), str(world.contoso.pk)
    pool = GatewayPool.objects.first() or GatewayPool.objects.create(name="P", name_key="p")
    gateway = Gateway.objects.create(name="G", name_key="g")
    profile = OperatorProfile.objects.get(pk=world.profile.pk)
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as own:
        own.execute(f"LISTEN {CHANNEL}")
        assert told(own, device.beat) == []
        assert told(own, lambda: follow(timezone.now() + timedelta(hours=1))) == []
        assert told(own, lambda: mine.update(state="CONNECTED", name="Lyon 2")) == []
        assert told(own, lambda: mine.update(activation_state="REACTIVATION_PENDING")) == [customer]
        assert told(own, lambda: mine.update(operator_profile=profile)) == [customer]
        assert told(own, lambda: mine.update(ordered_image=profile.image)) == [customer]
        assert told(own, lambda: DeviceCertificate.objects.update(revoked_at=timezone.now())) == [customer]
        assert told(own, profile.save) == [""]
        assert told(own, profile.image.save) == [""]
        assert told(own, lambda: pool.gateways.add(gateway)) == [""]
        assert told(own, lambda: Gateway.objects.filter(pk=gateway.pk).update(city="Oslo")) == []
        assert told(own, lambda: Gateway.objects.filter(pk=gateway.pk).update(state="QUIESCED")) == [""]
        assert told(own, lambda: Customer.objects.filter(pk=world.contoso.pk).update(gateway_pool=pool)) == [""]
        assert told(own, lambda: Customer.objects.filter(pk=world.contoso.pk).update(alerts_enabled=False)) == []
        assert told(own, mine.delete)[0] in ("", customer)
    assert not ConfigurationObject.objects.filter(edge_id=made.edge.pk).exists()


def told(own: psycopg.Connection[Any], work: Any) -> list[str]:
    work()
    own.execute("SELECT 1")
    return sorted({notice.payload for notice in own.notifies(timeout=0.2)})


def test_a_change_is_heard_within_a_moment(lasting_world: World) -> None:  # noqa: F811
    changes = Changes()
    listener = threading.Thread(target=changes.listen)
    listener.start()
    done = threading.Event()
    try:
        until(lambda: changes.none_since(changes.mark(), 1), done)
        mark = changes.mark()
        OperatorProfile.objects.update(heartbeat_seconds=45)
        until(lambda: not changes.none_since(mark, 1), done)
    finally:
        changes.end()
        listener.join(5)


def until(condition: Any, done: threading.Event) -> None:
    for _each in range(100):
        if condition():
            return
        done.wait(0.02)
    raise AssertionError("not within two seconds")
